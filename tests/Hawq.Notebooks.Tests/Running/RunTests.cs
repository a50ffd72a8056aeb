namespace Hawq.Notebooks.Tests.Running;

public class RunTests
{
    private const string Endless = "System.IO.File.WriteAllText(\"runs\", System.Environment.ProcessId.ToString());\nwhile (true) System.Threading.Thread.Sleep(20);";

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

    [Fact]
    public async Task Changes_that_the_user_saves_meanwhile_stay()
    {
        using var folder = new TemporaryFolder();
        const string wait = "while (!System.IO.File.Exists(\"edited\")) System.Threading.Thread.Sleep(20);\n\"waited\"";
        var path = HawqProgram.Notebook(folder["a.ipynb"], wait, "1 + 1", "2 + 2");
        var running = Task.Run(() => HawqProgram.Run("run", path, "--in-place"));
        await Task.Delay(3000); // it runs its first cell, or has yet to read the file; either way the change stays
        HawqProgram.Notebook(path, wait, "1 + 10", "2 + 2");
        File.WriteAllText(folder["edited"], "");
        var (code, text) = await running;
        code.ShouldBe(0, text);
        NotebookFile.Read(path).Cells[1].Source.ShouldBe("1 + 10");
        HawqProgram.Outputs(path, 0).ShouldContain("waited");
        HawqProgram.Outputs(path, 2).ShouldContain("4");
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    [InlineData("HUP")]
    public void A_signal_to_the_program_ends_the_run_and_keeps_what_was_computed(string signal)
    {
        using var folder = new TemporaryFolder();
        var path = HawqProgram.Notebook(folder["a.ipynb"], "1 + 1", Endless);
        using var process = HawqProgram.Start(folder.Path, "run", path, "-o", folder["out.ipynb"]);
        var worker = folder.Written("runs");
        System.Diagnostics.Process.Start("kill", [$"-{signal}", $"{process.Id}"]).WaitForExit();
        var ended = process.WaitForExit(TimeSpan.FromSeconds(30));
        process.Kill(entireProcessTree: true); // what did not end would run for ever
        ended.ShouldBeTrue();
        process.ExitCode.ShouldBe(ExitCodes.Interrupted);
        Directory.Exists($"/proc/{worker}").ShouldBeFalse();
        HawqProgram.Outputs(folder["out.ipynb"], 0).ShouldContain("2");
    }

    [Fact]
    public void A_killed_program_leaves_no_run_behind()
    {
        using var folder = new TemporaryFolder();
        var path = HawqProgram.Notebook(folder["a.ipynb"], Endless);
        using var process = HawqProgram.Start(folder.Path, "run", path);
        var worker = folder.Written("runs");
        process.Kill();
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
    [InlineData("n=five", "n")]
    [InlineData("n=5000000000", "n")]
    [InlineData("rate=0,1", "rate")]
    [InlineData("rate=NaN", "rate")]
    [InlineData("m=5", "m")]
    public void Wrong_parameters_are_refused_before_anything_runs(string parameter, string named)
    {
        using var folder = new TemporaryFolder();
        var path = HawqProgram.Notebook(folder["a.ipynb"], "int n = 1;\ndouble rate = 0.5;", "System.IO.File.WriteAllText(\"ran\", \"\");");
        var (code, text) = HawqProgram.Run("run", path, "-p", parameter);
        code.ShouldBe(ExitCodes.BadInput);
        text.ShouldContain(named);
        File.Exists(folder["ran"]).ShouldBeFalse();
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

    /// <summary>It would end the process by a stack overflow.</summary>
    [Fact]
    public void A_notebook_that_imports_itself_by_way_of_another_is_refused()
    {
        using var folder = new TemporaryFolder();
        HawqProgram.Notebook(folder["b.ipynb"], "int fromB = 2;\n#!import a.ipynb");
        var path = HawqProgram.Notebook(folder["a.ipynb"], "1 + 1", "#!import b.ipynb");
        var (code, text) = HawqProgram.Run("run", path, "--in-place");
        code.ShouldBe(ExitCodes.CellFailed, text);
        text.ShouldContain("b.ipynb imports a.ipynb imports b.ipynb");
        HawqProgram.Outputs(path, 0).ShouldContain("2");
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
