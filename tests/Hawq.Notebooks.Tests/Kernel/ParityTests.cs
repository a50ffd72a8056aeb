using System.Text.Json.Nodes;

namespace Hawq.Notebooks.Tests.Kernel;

/// <summary>The same cells through the headless runner and through the kernel leave the same outputs.</summary>
public sealed class ParityTests(KernelProcess kernel) : IClassFixture<KernelProcess>
{
    private static readonly string[] Cells =
    [
        "1+1",
        "var x = 0.5; x",
        "Console.Write(\"a\"); Console.WriteLine(1.5); Console.Error.WriteLine(\"e\");",
        "new[] { 1, 2 }",
        "new Dictionary<string, string> { [\"name\"] = \"value\" }",
        "new Dictionary<string, string>()",
        "var bar = display(\"start\"); Console.WriteLine(\"between\"); bar.Update(\"end\");",
        "var late = display(\"early\");",
        "late.Update(\"late\"); Console.WriteLine(\"after\");",
        "display(x, \"text/html\");",
        "\"<b>\".DisplayAs(\"text/html\"); HTML(\"<i>\")",
        """foreach (var text in new[] { "{\"a\": [1, 2]}", "[\"b\"]", "no JSON" }) text.DisplayAs("application/json");""",
        "string? none = null; none",
        "#!csharp\nvar quiet = 1;",
        "record Point(int X, int Y);\nnew Point(1, 2)",
        "await Task.Delay(1); Enumerable.Range(0, 3).Select(k => k * x).ToList()",
        "throw new ArgumentException(\"last\");",
    ];

    [Fact]
    public void Runner_and_kernel_show_the_same()
    {
        var run = Headless();
        var shown = Shown();
        for (var k = 0; k < Cells.Length; k++)
        {
            shown[k].ShouldBe(run[k], Cells[k]);
        }

        run[Array.FindIndex(Cells, cell => cell.Contains("[\"name\"]", StringComparison.Ordinal))].ShouldHaveSingleItem().ShouldContain("text/plain = ");
        run[Array.FindIndex(Cells, cell => cell.Contains("\"early\"", StringComparison.Ordinal))].ShouldBe(["display_data: text/plain = late"]);
        run[Array.FindIndex(Cells, cell => cell.Contains("display(x", StringComparison.Ordinal))].ShouldHaveSingleItem().ShouldNotContain("text/plain");
    }

    private static List<string[]> Headless()
    {
        using var folder = new TemporaryFolder();
        var path = HawqProgram.Notebook(folder["probe.ipynb"], Cells);
        var (code, text) = HawqProgram.Run("run", path, "--output", folder["run.ipynb"]);
        code.ShouldBe(ExitCodes.CellFailed, text); // the last one
        return [.. NotebookFile.Read(folder["run.ipynb"]).Cells.Select(cell => cell.Outputs.Select(output => Line(output!["output_type"]!.GetValue<string>(), output!)).ToArray())];
    }

    /// <summary>The outputs as a front end keeps them: an update replaces the display that it names, in whichever cell that is.</summary>
    private List<string[]> Shown()
    {
        var shown = new List<(int Cell, string? Id, string Line)>();
        for (var k = 0; k < Cells.Length; k++)
        {
            foreach (var message in kernel.Run(Cells[k]).News.Where(message => message.Type is not "status" and not "execute_input"))
            {
                var id = message.Content["transient"]?["display_id"]?.GetValue<string>();
                if (message.Type == "update_display_data")
                {
                    var at = shown.FindIndex(output => output.Id == id);
                    shown[at] = (shown[at].Cell, id, Line("display_data", message.Content));
                }
                else
                {
                    shown.Add((k, id, Line(message.Type, message.Content)));
                }
            }
        }

        return [.. Cells.Select((_, k) => shown.Where(output => output.Cell == k).Select(output => output.Line).ToArray())];
    }

    private static string Line(string type, JsonNode output) => type switch
    {
        "stream" => $"{output["name"]}: {Text(output["text"])}",
        "error" => $"{output["ename"]}: {output["evalue"]}",
        _ => $"{type}: {string.Join(", ", output["data"]!.AsObject().OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key} = {Content(pair.Key, pair.Value)}"))}",
    };

    private static string Content(string type, JsonNode? content) => type == "application/json" ? content!.ToJsonString() : Text(content);

    private static string Text(JsonNode? text) => text is JsonArray lines ? string.Concat(lines.Select(line => line!.GetValue<string>())) : text!.GetValue<string>();
}
