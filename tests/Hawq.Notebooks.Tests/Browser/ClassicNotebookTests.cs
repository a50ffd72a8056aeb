using System.Diagnostics;
using Microsoft.Playwright;

namespace Hawq.Notebooks.Tests.Browser;

/// <summary>The kernel and the kit as a user of Jupyter's classic Notebook meets them, with no network.</summary>
[Collection(nameof(BrowserSession))]
[Trait("Category", "Browser")]
public class ClassicNotebookTests(BrowserSession session)
{
    [BrowserFact]
    public async Task A_cell_is_completed_from_a_list_and_executed()
    {
        var notebook = await session.NewNotebookAsync();
        await notebook.WriteAsync("Console.Wri", byKey: true);
        var list = await notebook.CompletionsAsync();
        var offered = (await list.AllInnerTextsAsync()).ToList();
        offered.ShouldBe(["Write", "WriteLine"], ignoreOrder: true);
        for (var k = 0; k < offered.IndexOf("WriteLine"); k++)
        {
            await notebook.Page.Keyboard.PressAsync("ArrowDown");
        }

        await notebook.Page.Keyboard.PressAsync("Enter");
        await list.First.WaitForAsync(new() { State = WaitForSelectorState.Detached });
        (await notebook.Cell.Locator(".CodeMirror-line").InnerTextAsync()).Trim().ShouldBe("Console.WriteLine");
        await notebook.Page.Keyboard.TypeAsync("(6 * 7)");
        var cell = await notebook.RunAsync();
        await ClassicNotebook.FinishedAsync(cell);
        (await cell.Locator(".output_stdout").InnerTextAsync()).Trim().ShouldBe("42");
    }

    [BrowserFact]
    public async Task A_progress_bar_moves_and_stops()
    {
        var notebook = await session.NewNotebookAsync();
        await notebook.RunAsync($"#r \"{BuiltKit.Path}\"\nusing Hawq.Kit;");
        await notebook.WriteAsync("""
            var bar = Notebook.Progress("reading");
            for (int k = 1; k <= 10; k++) { bar.Report(new DownloadProgress("part", k, 10)); await Task.Delay(400); }
            """);
        var cell = await notebook.RunAsync();
        var bar = cell.Locator("progress");
        var seen = new SortedSet<double>();
        var clock = Stopwatch.StartNew();
        string text;
        do
        {
            seen.Add(await bar.EvaluateAsync<double>("bar => bar.value"));
            await Task.Delay(50);
            text = await cell.Locator(".output").InnerTextAsync();
            clock.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(2), text);
        }
        while (!text.Contains("done", StringComparison.Ordinal));

        await ClassicNotebook.FinishedAsync(cell);
        seen.Count.ShouldBeGreaterThanOrEqualTo(4, string.Join(", ", seen));
        (await bar.CountAsync()).ShouldBe(1);
        (await bar.EvaluateAsync<double>("bar => bar.value")).ShouldBe(1);
        (await cell.Locator(".output").InnerTextAsync()).ShouldContain("100 %, done");
    }

    [BrowserFact]
    public async Task A_long_cell_is_interrupted_and_the_session_goes_on()
    {
        var notebook = await session.NewNotebookAsync();
        await notebook.RunAsync("int kept = 41;");
        await notebook.WriteAsync("while (true) { System.Threading.Thread.Sleep(20); }");
        var cell = await notebook.RunAsync();
        await notebook.Page.WaitForSelectorAsync("#kernel_indicator_icon.kernel_busy_icon");
        await Task.Delay(1000);
        (await cell.Locator(".input_prompt").InnerTextAsync()).ShouldContain("*");
        await notebook.StopAsync();
        await ClassicNotebook.FinishedAsync(cell);
        (await cell.Locator(".output_error").InnerTextAsync()).ShouldContain("Interrupted");
        var next = await notebook.RunAsync("kept + 1");
        (await next.Locator(".output_result").InnerTextAsync()).Trim().ShouldBe("42");
    }
}
