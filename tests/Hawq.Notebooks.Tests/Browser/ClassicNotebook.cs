using Microsoft.Playwright;

namespace Hawq.Notebooks.Tests.Browser;

/// <summary>A page of the classic Notebook, used by keyboard and mouse.</summary>
internal sealed class ClassicNotebook
{
    private ClassicNotebook(IPage page) => Page = page;

    public IPage Page { get; }

    /// <summary>The cell that was run or written last.</summary>
    public ILocator Cell => Page.Locator("#notebook .code_cell").Last;

    public static async Task<ClassicNotebook> OpenedAsync(IPage page)
    {
        await page.WaitForFunctionAsync("() => window.Jupyter && Jupyter.notebook && Jupyter.notebook.kernel && Jupyter.notebook.kernel.is_connected()");
        await page.WaitForSelectorAsync("#kernel_indicator_icon.kernel_idle_icon");
        return new ClassicNotebook(page);
    }

    /// <summary>Writes code at the end of the last cell's line; key by key where that matters.</summary>
    public async Task WriteAsync(string code, bool byKey = false)
    {
        await Cell.Locator(".CodeMirror").ClickAsync();
        await Page.Keyboard.PressAsync("End");
        await (byKey ? Page.Keyboard.TypeAsync(code) : Page.Keyboard.InsertTextAsync(code));
    }

    /// <summary>Runs the cell that has the cursor, and adds an empty one below it.</summary>
    /// <returns>The cell that runs.</returns>
    public async Task<ILocator> RunAsync()
    {
        var cell = Page.Locator("#notebook .code_cell").Nth(await Page.Locator("#notebook .code_cell").CountAsync() - 1);
        await Page.Keyboard.PressAsync("Alt+Enter");
        return cell;
    }

    /// <summary>Writes a cell, runs it and waits for its end.</summary>
    public async Task<ILocator> RunAsync(string code)
    {
        await WriteAsync(code);
        var cell = await RunAsync();
        await FinishedAsync(cell);
        return cell;
    }

    /// <summary>Waits until the cell has its number in place of a star.</summary>
    public static Task FinishedAsync(ILocator cell) =>
        Assertions.Expect(cell.Locator(".input_prompt")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex(@"\[\d+\]"), new() { Timeout = 120_000 });

    /// <summary>Presses Tab until the list opens: the classic Notebook drops a Tab while it believes that the kernel is busy, as a user learns too.</summary>
    /// <returns>The list's lines.</returns>
    public async Task<ILocator> CompletionsAsync()
    {
        var list = Page.Locator("#complete option");
        for (var tries = 0; tries < 30 && await list.CountAsync() == 0; tries++)
        {
            await Page.WaitForSelectorAsync("#kernel_indicator_icon.kernel_idle_icon");
            await Page.Keyboard.PressAsync("Tab");
            await Task.Delay(3000);
        }

        await list.First.WaitForAsync();
        return list;
    }

    public Task StopAsync() => Page.ClickAsync("button[data-jupyter-action='jupyter-notebook:interrupt-kernel']");
}
