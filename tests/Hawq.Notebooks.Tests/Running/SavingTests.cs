namespace Hawq.Notebooks.Tests.Running;

/// <summary>Where outputs go, and what is said of it.</summary>
public class SavingTests
{
    [Fact]
    public void Changes_that_the_user_saves_meanwhile_stay()
    {
        using var folder = new TemporaryFolder();
        const string wait = "System.IO.File.WriteAllText(\"runs\", \"1\");\nwhile (!System.IO.File.Exists(\"edited\")) System.Threading.Thread.Sleep(20);\n\"waited\"";
        var path = HawqProgram.Notebook(folder["a.ipynb"], wait, "1 + 1", "2 + 2");
        using var program = HawqProgram.Start(folder.Path, "run", path, "--in-place");
        folder.Written("runs");
        HawqProgram.Notebook(path, wait, "1 + 10", "2 + 2");
        File.WriteAllText(folder["edited"], "");
        program.End().ShouldBe(0, program.Printed);
        NotebookFile.Read(path).Cells[1].Source.ShouldBe("1 + 10");
        HawqProgram.Outputs(path, 0).ShouldContain("waited");
        HawqProgram.Outputs(path, 2).ShouldContain("4");
    }

    [Fact]
    public void Outputs_that_have_no_notebook_to_go_into_at_the_end_are_written_beside_it()
    {
        using var folder = new TemporaryFolder();
        var path = HawqProgram.Notebook(folder["a.ipynb"], "System.IO.File.WriteAllText(\"a.ipynb\", \"{ half\"); 1 + 1", "2 + 2");
        var (code, text) = HawqProgram.Run("run", path, "--in-place");
        code.ShouldBe(0, text);
        File.ReadAllText(path).ShouldBe("{ half");
        text.ShouldContain($"They are in {folder["a.executed.ipynb"]}");
        HawqProgram.Outputs(folder["a.executed.ipynb"], 0).ShouldContain("2");
        HawqProgram.Outputs(folder["a.executed.ipynb"], 1).ShouldContain("4");
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_told_before_the_first_cell()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["file"], "");
        var path = HawqProgram.Notebook(folder["a.ipynb"], "System.IO.File.WriteAllText(\"ran\", \"\");");
        var (code, text) = HawqProgram.Run("run", path, "-o", folder["file/out.ipynb"]);
        code.ShouldBe(ExitCodes.BadInput, text);
        text.ShouldContain(folder["file"]);
        File.Exists(folder["ran"]).ShouldBeFalse();
    }

    [Fact]
    public void Old_outputs_of_the_notebook_itself_stay_until_there_are_new_ones()
    {
        using var folder = new TemporaryFolder();
        var path = HawqProgram.Notebook(folder["a.ipynb"], "System.IO.File.ReadAllText(\"a.ipynb\").Contains(\"an old\" + \" output\")");
        var old = File.ReadAllText(path).Replace("\"outputs\":[]", "\"outputs\":[{\"output_type\":\"stream\",\"name\":\"stdout\",\"text\":\"an old output\"}]", StringComparison.Ordinal);
        File.WriteAllText(path, old);
        HawqProgram.Outputs(path, 0).ShouldContain("an old output");
        var (code, text) = HawqProgram.Run("run", path, "--in-place");
        code.ShouldBe(0, text);
        HawqProgram.Outputs(path, 0).ShouldContain("True");
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
        text.ShouldContain($"The cells before it are saved in {path}");
        HawqProgram.Outputs(path, 1).ShouldContain("42");
        HawqProgram.Outputs(path, 3).ShouldBe("[]");
        Directory.EnumerateFiles(folder.Path).ShouldHaveSingleItem(); // no half-written file stays
    }

    [Fact]
    public void Nothing_is_said_to_be_saved_where_nothing_was()
    {
        using var folder = new TemporaryFolder();
        var path = HawqProgram.Notebook(folder["a.ipynb"], "System.Environment.Exit(0);", "1");
        var (code, text) = HawqProgram.Run("run", path, "--in-place");
        code.ShouldBe(ExitCodes.CellFailed, text);
        text.ShouldContain("a.ipynb, cell 1");
        text.ShouldNotContain("saved");
    }
}
