namespace Hawq.Notebooks.Tests.Running;

public class RunTests
{
    private const string Endless = "System.IO.File.WriteAllText(\"runs\", System.Environment.ProcessId.ToString());\nwhile (true) System.Threading.Thread.Sleep(20);";

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
    [InlineData("TERM")]
    [InlineData("INT")]
    [InlineData("HUP")]
    public void A_signal_to_the_program_ends_the_run_and_keeps_what_was_computed(string signal)
    {
        using var folder = new TemporaryFolder();
        var path = HawqProgram.Notebook(folder["a.ipynb"], "1 + 1", Endless);
        using var program = HawqProgram.Start(folder.Path, "run", path, "-o", folder["out.ipynb"]);
        var worker = folder.Written("runs");
        System.Diagnostics.Process.Start("kill", [$"-{signal}", $"{program.Id}"]).WaitForExit();
        program.End().ShouldBe(ExitCodes.Interrupted, program.Printed);
        Directory.Exists($"/proc/{worker}").ShouldBeFalse();
        HawqProgram.Outputs(folder["out.ipynb"], 0).ShouldContain("2");
        Error(folder["out.ipynb"], 1).ShouldBe(("Interrupted", "the run was interrupted"));
    }

    [Fact]
    public void A_killed_program_leaves_no_run_behind()
    {
        using var folder = new TemporaryFolder();
        var path = HawqProgram.Notebook(folder["a.ipynb"], Endless);
        using var program = HawqProgram.Start(folder.Path, "run", path);
        var worker = folder.Written("runs");
        program.Kill();
        SpinWait.SpinUntil(() => !Directory.Exists($"/proc/{worker}"), TimeSpan.FromSeconds(30)).ShouldBeTrue();
    }

    /// <summary>By them, a <c>hawq run</c> that a cell starts would take itself for the worker of the cell's own run.</summary>
    [Fact]
    public void The_variables_of_a_worker_are_not_in_the_environment_of_its_cells()
    {
        using var folder = new TemporaryFolder();
        var path = HawqProgram.Notebook(folder["a.ipynb"], "string.Join(\", \", System.Environment.GetEnvironmentVariables().Keys.Cast<string>())");
        var (code, text) = HawqProgram.Run("run", path, "--in-place");
        code.ShouldBe(0, text);
        var names = HawqProgram.Outputs(path, 0);
        names.ShouldContain("HAWQ_HEADLESS");
        names.ShouldNotContain("HAWQ_STATUS_FILE");
        names.ShouldNotContain("HAWQ_SUPERVISOR_PID");
    }

    [Theory]
    [InlineData("--timeout", "-5")]
    [InlineData("--timeout", "NaN")]
    [InlineData("--timeout", "1e300")]
    [InlineData("--in-place", "-o", "b.ipynb")]
    public void Options_that_cannot_be_followed_are_refused_before_anything_runs(params string[] options)
    {
        using var folder = new TemporaryFolder();
        var path = HawqProgram.Notebook(folder["a.ipynb"], "System.IO.File.WriteAllText(\"ran\", \"\");");
        var (code, text) = HawqProgram.Run(["run", path, .. options]);
        code.ShouldBe(ExitCodes.BadInput);
        text.ShouldContain($"Received {options[0]}");
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
        var endless = HawqProgram.Notebook(folder["a.ipynb"], "int n = 1;", "n", "Console.WriteLine(\"before\");\nwhile (true) { }");
        var (code, text) = HawqProgram.Run("run", endless, "-o", folder["out.ipynb"], "--timeout", "15");
        code.ShouldBe(ExitCodes.TimedOut, text);
        text.ShouldContain("cell 3");
        HawqProgram.Outputs(folder["out.ipynb"], 1).ShouldContain("1");
        HawqProgram.Outputs(folder["out.ipynb"], 2).ShouldContain("before");
        var (name, message) = Error(folder["out.ipynb"], 2);
        name.ShouldBe("TimedOut");
        message.ShouldContain("longer than 15 s; raise --timeout");
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

    /// <summary>Prints what it shows; other cells keep it to the file.</summary>
    [Fact]
    public void A_cell_tagged_print_is_shown_on_the_terminal()
    {
        using var folder = new TemporaryFolder();
        var path = HawqProgram.Notebook(folder["a.ipynb"], 5, NotebookCell.Code("6 * 7", "print"), NotebookCell.Code("6 * 700", "code"));
        var (code, text) = HawqProgram.Run("run", path);
        code.ShouldBe(0, text);
        text.ShouldContain("\n42\n");
        text.ShouldNotContain("4200");
    }

    [Fact]
    public void The_time_of_a_cell_is_shown_where_it_asks_for_it()
    {
        using var folder = new TemporaryFolder();
        var path = HawqProgram.Notebook(folder["a.ipynb"], "#!time\n2 + 3", "4 + 5");
        var (code, text) = HawqProgram.Run("run", path, "--in-place");
        code.ShouldBe(0, text);
        HawqProgram.Outputs(path, 0).ShouldContain("Wall time: ");
        HawqProgram.Outputs(path, 1).ShouldNotContain("Wall time: ");
    }

    /// <summary>Name and message of the error that ends a cell's outputs.</summary>
    private static (string Name, string Message) Error(string path, int cell)
    {
        var last = NotebookFile.Read(path).Cells[cell].Outputs[^1]!;
        last["output_type"]!.GetValue<string>().ShouldBe("error");
        return (last["ename"]!.GetValue<string>(), last["evalue"]!.GetValue<string>());
    }

    private static string ReplaceLast(string text, string old, string by)
    {
        var at = text.LastIndexOf(old, StringComparison.Ordinal);
        return text[..at] + by + text[(at + old.Length)..];
    }
}
