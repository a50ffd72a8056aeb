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

    [Fact]
    public void Threads_of_a_cell_each_change_their_own_display()
    {
        using var folder = new TemporaryFolder();
        var path = HawqProgram.Notebook(folder["a.ipynb"], "System.Threading.Tasks.Parallel.For(0, 500, k => display(\"first\").Update($\"of {k}.\"));");
        var (code, text) = HawqProgram.Run("run", path, "--in-place");
        code.ShouldBe(0, text);
        var outputs = HawqProgram.Outputs(path, 0);
        outputs.ShouldNotContain("first");
        Enumerable.Range(0, 500).ShouldAllBe(k => outputs.Contains($"of {k}."));
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
    [InlineData("""{"cells": [{"cell_type": "code", "source": ["1"]}, 5], "nbformat": 4}""", "cell 2")]
    [InlineData("""{"cells": [{"cell_type": "code", "source": [1]}], "nbformat": 4}""", "cell 1")]
    [InlineData("""{"cells": [], "nbformat": 4, "metadata": {"kernelspec": {"language": "python"}}}""", "python")]
    public void What_is_no_notebook_is_refused(string content, string said)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.ipynb"], content);
        var (code, text) = HawqProgram.Run("run", folder["a.ipynb"], "--in-place");
        code.ShouldBe(ExitCodes.BadInput);
        text.ShouldContain(said);
        text.ShouldContain("a.ipynb");
        File.ReadAllText(folder["a.ipynb"]).ShouldBe(content);
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
    public void A_cell_that_never_ends_is_stopped()
    {
        using var folder = new TemporaryFolder();
        var endless = HawqProgram.Notebook(folder["a.ipynb"], "int n = 1;", "n", "while (true) { }");
        var (code, text) = HawqProgram.Run("run", endless, "-o", folder["out.ipynb"], "--timeout", "15");
        code.ShouldBe(ExitCodes.TimedOut, text);
        text.ShouldContain("cell 3");
        HawqProgram.Outputs(folder["out.ipynb"], 1).ShouldContain("1");
    }

    [Theory]
    [InlineData("System.Environment.FailFast(\"so\");")]
    [InlineData("System.Diagnostics.Process.GetCurrentProcess().Kill();")]
    [InlineData("System.Environment.Exit(0);")]
    public void A_cell_that_ends_the_process_is_named_and_what_came_before_is_kept(string cell)
    {
        using var folder = new TemporaryFolder();
        var path = HawqProgram.Notebook(folder["a.ipynb"], "int n = 1;", "n + 41", cell, "n + 2");
        var (code, text) = HawqProgram.Run("run", path, "--in-place");
        code.ShouldNotBe(0);
        text.ShouldContain("a.ipynb, cell 3");
        HawqProgram.Outputs(path, 1).ShouldContain("42");
        HawqProgram.Outputs(path, 3).ShouldBe("[]");
        Directory.EnumerateFiles(folder.Path).ShouldHaveSingleItem(); // no half-written file stays
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
    public void A_cell_of_another_language_is_refused_before_anything_runs()
    {
        using var folder = new TemporaryFolder();
        var path = HawqProgram.Notebook(folder["a.ipynb"], "System.IO.File.WriteAllText(\"ran\", \"\");", "print(n)");
        File.WriteAllText(path, ReplaceLast(File.ReadAllText(path), "\"csharp\"", "\"python\""));
        var (code, text) = HawqProgram.Run("run", path);
        code.ShouldBe(ExitCodes.BadInput);
        text.ShouldContain("a.ipynb, cell 2 (print(n))");
        text.ShouldContain("python");
        File.Exists(folder["ran"]).ShouldBeFalse();
    }

    private static string ReplaceLast(string text, string old, string by)
    {
        var at = text.LastIndexOf(old, StringComparison.Ordinal);
        return text[..at] + by + text[(at + old.Length)..];
    }
}
