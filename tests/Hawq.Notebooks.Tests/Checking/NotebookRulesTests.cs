using System.Text.Json.Nodes;

namespace Hawq.Notebooks.Tests.Checking;

public class NotebookRulesTests
{
    [Fact]
    public void A_tidy_notebook_has_no_findings() => Findings("1 + 1", Text("2")).ShouldBeEmpty();

    [Theory]
    [InlineData("1 + 1", null, "shows nothing")]
    [InlineData("var x = 1;", null, null)]
    [InlineData("if (true) { }", null, null)]
    [InlineData("x", "read from /home/someone/data.bin", "/home/someone/data.bin")]
    [InlineData("x", "C:\\Users\\someone", "path of one machine")]
    [InlineData("x", "id 3f2504e0-4f89-11d3-9a0c-0305e82c3301", "GUID")]
    [InlineData("x", "<progress value=\"0.431\" max=\"1\">", "unfinished")]
    [InlineData("x", "<progress value=\"1.000\" max=\"1\">", null)]
    [InlineData("#!sql\nx", "2", "#!sql")]
    [InlineData("#!time\nx", "see ../data/tmp/x", null)]
    public void What_must_not_be_committed_is_found(string source, string? shown, string? finding)
    {
        var findings = Findings(source, shown is null ? null : Text(shown));
        if (finding is null)
        {
            findings.ShouldBeEmpty();
        }
        else
        {
            findings.ShouldHaveSingleItem().ShouldContain(finding);
        }
    }

    [Fact]
    public void An_error_a_cell_that_did_not_run_and_a_large_file_are_found()
    {
        Findings("x", new JsonObject { ["output_type"] = "error", ["ename"] = "E" }).ShouldHaveSingleItem().ShouldContain("error");
        Findings("x", Text("2"), executed: false).ShouldHaveSingleItem().ShouldContain("not executed");
        Findings("x", Text(new string('a', 1_100_000))).ShouldHaveSingleItem().ShouldContain("bytes");
    }

    [Fact]
    public void A_second_cell_of_parameters_is_found()
    {
        using var folder = new TemporaryFolder();
        var cells = new[] { "a", "b" }.Select(id =>
        {
            var cell = NotebookCell.Code("int n = 1;", id);
            cell["metadata"]!["tags"] = new JsonArray("parameters");
            cell["execution_count"] = 1;
            return cell;
        });
        Findings(folder["a.ipynb"], cells).ShouldHaveSingleItem().ShouldStartWith(", cell 2 (int n = 1;): it is tagged");
    }

    private static JsonObject Text(string text) => new() { ["output_type"] = "execute_result", ["data"] = new JsonObject { ["text/plain"] = text } };

    private static List<string> Findings(string source, JsonObject? output, bool executed = true)
    {
        using var folder = new TemporaryFolder();
        var cell = NotebookCell.Code(source, "code");
        cell["execution_count"] = executed ? 1 : null;
        cell["outputs"] = output is null ? [] : new JsonArray(output);
        return Findings(folder["a.ipynb"], [cell]);
    }

    private static List<string> Findings(string path, IEnumerable<JsonObject> cells)
    {
        var notebook = new JsonObject { ["cells"] = new JsonArray([.. cells]), ["metadata"] = new JsonObject(), ["nbformat"] = 4, ["nbformat_minor"] = 5 };
        File.WriteAllText(path, notebook.ToJsonString());
        return [.. NotebookRules.Findings(NotebookFile.Read(path))];
    }
}
