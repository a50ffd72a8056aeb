using System.Diagnostics;
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
        "var bar = display(\"start\"); Console.WriteLine(\"between\"); bar.Update(\"end\");",
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
        for (var k = 0; k < Cells.Length; k++)
        {
            Shown(kernel.Run(Cells[k]).News).ShouldBe(run[k], Cells[k]);
        }
    }

    private static List<string[]> Headless()
    {
        using var folder = new TemporaryFolder();
        var cells = Cells.Select(source => NotebookCell.Code(source, "probe"));
        File.WriteAllText(folder["probe.ipynb"], new JsonObject { ["cells"] = new JsonArray([.. cells]), ["metadata"] = new JsonObject(), ["nbformat"] = 4, ["nbformat_minor"] = 5 }.ToJsonString());
        string[] arguments = [typeof(KernelServer).Assembly.Location, "run", folder["probe.ipynb"], "--output", folder["run.ipynb"]];
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return [.. NotebookFile.Read(folder["run.ipynb"]).Cells.Select(cell => cell.Outputs.Select(output => Line(output!["output_type"]!.GetValue<string>(), output!)).ToArray())];
    }

    /// <summary>The outputs as a front end keeps them: an update replaces the display that it names.</summary>
    private static string[] Shown(IEnumerable<KernelMessage> news)
    {
        var shown = new List<(string? Id, string Line)>();
        foreach (var message in news.Where(message => message.Type is not "status" and not "execute_input"))
        {
            var id = message.Content["transient"]?["display_id"]?.GetValue<string>();
            if (message.Type == "update_display_data")
            {
                shown[shown.FindIndex(output => output.Id == id)] = (id, Line("display_data", message.Content));
            }
            else
            {
                shown.Add((id, Line(message.Type, message.Content)));
            }
        }

        return [.. shown.Select(output => output.Line)];
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
