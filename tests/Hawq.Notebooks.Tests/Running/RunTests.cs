namespace Hawq.Notebooks.Tests.Running;

public class RunTests
{
    [Fact]
    public void Parameters_replace_the_declared_values_and_outputs_are_written()
    {
        using var folder = new TemporaryFolder();
        var path = HawqProgram.Notebook(folder["a.ipynb"], "int n = 1;\nstring text = \"a\";", "$\"{n} {text}\"");
        var (code, text) = HawqProgram.Run("run", path, "-o", folder["out.ipynb"], "-p", "n=5", "-p", "text=it's \"so\"");
        code.ShouldBe(0, text);
        HawqProgram.Outputs(folder["out.ipynb"], 2).ShouldContain("5 it");
        HawqProgram.Outputs(path, 1).ShouldBe("[]");
    }

    [Theory]
    [InlineData("n=five", "n")]
    [InlineData("m=5", "m")]
    public void Wrong_parameters_are_refused_before_anything_runs(string parameter, string named)
    {
        using var folder = new TemporaryFolder();
        var path = HawqProgram.Notebook(folder["a.ipynb"], "int n = 1;", "System.IO.File.WriteAllText(\"ran\", \"\");");
        var (code, text) = HawqProgram.Run("run", path, "-p", parameter);
        code.ShouldBe(ExitCodes.BadInput);
        text.ShouldContain(named);
        File.Exists(folder["ran"]).ShouldBeFalse();
    }

    [Theory]
    [InlineData("no json", "no JSON")]
    [InlineData("""{"cells": [], "nbformat": 3}""", "nbformat 3")]
    [InlineData("[]", "no object")]
    public void What_is_no_notebook_is_refused(string content, string said)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.ipynb"], content);
        var (code, text) = HawqProgram.Run("run", folder["a.ipynb"]);
        code.ShouldBe(ExitCodes.BadInput);
        text.ShouldContain(said);
        text.ShouldContain("a.ipynb");
    }

    [Theory]
    [InlineData("throw new System.InvalidOperationException(\"so it is\");", "so it is")]
    [InlineData("int x = \"a\";", "CS0029")]
    [InlineData("#!sql\nselect", "#!sql")]
    [InlineData("#r \"missing.dll\"", "missing.dll")]
    public void A_failing_cell_is_named_and_what_came_before_is_kept(string cell, string said)
    {
        using var folder = new TemporaryFolder();
        var path = HawqProgram.Notebook(folder["a.ipynb"], "int n = 1;", "n + 41", cell, "n + 2");
        var (code, text) = HawqProgram.Run("run", path, "--in-place");
        code.ShouldBe(ExitCodes.CellFailed);
        text.ShouldContain("cell 3");
        text.ShouldContain(said);
        HawqProgram.Outputs(path, 1).ShouldContain("42");
        HawqProgram.Outputs(path, 2).ShouldContain("error");
        HawqProgram.Outputs(path, 3).ShouldBe("[]");
    }

    [Fact]
    public void A_cell_that_never_ends_is_stopped_and_one_that_kills_the_process_is_named()
    {
        using var folder = new TemporaryFolder();
        var endless = HawqProgram.Notebook(folder["a.ipynb"], "int n = 1;", "n", "while (true) { }");
        var (code, text) = HawqProgram.Run("run", endless, "-o", folder["out.ipynb"], "--timeout", "15");
        code.ShouldBe(ExitCodes.TimedOut, text);
        text.ShouldContain("cell 3");
        HawqProgram.Outputs(folder["out.ipynb"], 1).ShouldContain("1");

        var deadly = HawqProgram.Notebook(folder["b.ipynb"], "int n = 1;", "n", "System.Diagnostics.Process.GetCurrentProcess().Kill();");
        (code, text) = HawqProgram.Run("run", deadly, "-o", folder["dead.ipynb"]);
        code.ShouldNotBe(0);
        text.ShouldContain("cell 3");
        HawqProgram.Outputs(folder["dead.ipynb"], 1).ShouldContain("1");
    }

    [Theory]
    [InlineData("#i \"nuget:relative/folder\"", "absolute folder")]
    [InlineData("#r \"nuget:No.Such..Package/../x\"", "expected a package id")]
    public void Package_directives_are_checked(string cell, string said)
    {
        using var folder = new TemporaryFolder();
        var (code, text) = HawqProgram.Run("run", HawqProgram.Notebook(folder["a.ipynb"], "int n = 1;", cell));
        code.ShouldBe(ExitCodes.CellFailed);
        text.ShouldContain(said);
    }

    [Fact]
    public void A_package_that_the_engine_carries_needs_no_network()
    {
        using var folder = new TemporaryFolder();
        var path = HawqProgram.Notebook(folder["a.ipynb"], "int n = 1;", "#r \"nuget:System.CommandLine\"\nnew System.CommandLine.RootCommand(\"x\").Name.Length > 0");
        HawqProgram.Run("run", path, "-o", folder["out.ipynb"]).Code.ShouldBe(0);
        HawqProgram.Outputs(folder["out.ipynb"], 1).ShouldContain("True");
    }

    [Fact]
    public void A_cell_of_another_language_is_skipped_and_said_so()
    {
        using var folder = new TemporaryFolder();
        var path = HawqProgram.Notebook(folder["a.ipynb"], "int n = 1;", "print(n)");
        File.WriteAllText(path, ReplaceLast(File.ReadAllText(path), "\"csharp\"", "\"python\""));
        var (code, text) = HawqProgram.Run("run", path);
        code.ShouldBe(0);
        text.ShouldContain("python");
    }

    private static string ReplaceLast(string text, string old, string by)
    {
        var at = text.LastIndexOf(old, StringComparison.Ordinal);
        return text[..at] + by + text[(at + old.Length)..];
    }
}
