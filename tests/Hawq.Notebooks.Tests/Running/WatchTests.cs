namespace Hawq.Notebooks.Tests.Running;

public class WatchTests
{
    [Fact]
    public void The_first_changed_cell_and_all_after_it_run_again_in_the_same_session()
    {
        using var folder = new TemporaryFolder();
        string[] first = ["int n = 1;", "var start = System.Environment.TickCount64; System.IO.File.AppendAllText(\"starts\", \"x\");", "n + 10", "n + 100"];
        var path = HawqProgram.Notebook(folder["a.ipynb"], first);
        using var program = HawqProgram.Start(folder.Path, "run", path, "-o", folder["out.ipynb"], "--watch");
        program.Until("Watching");
        HawqProgram.Notebook(path, [.. first[..2], "n + 20", first[3]]);
        program.Until("Watching");
        HawqProgram.Outputs(folder["out.ipynb"], 2).ShouldContain("21");
        HawqProgram.Outputs(folder["out.ipynb"], 3).ShouldContain("101");
        File.ReadAllText(folder["starts"]).ShouldBe("x");
    }

    [Fact]
    public void A_cell_that_failed_runs_again_with_those_behind_it()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["sub"]);
        const string fails = "if (!System.IO.File.Exists(\"ready\")) throw new System.Exception(\"not yet\");\nint m = 1;";
        HawqProgram.Notebook(folder["sub/a.ipynb"], "int n = 10;", fails, "n + m", "n + m + 1");
        using var program = HawqProgram.Start(folder.Path, "run", "sub/a.ipynb", "-o", "out.ipynb", "--watch"); // by a path that holds before the run changes folders
        program.Until("Watching");
        HawqProgram.Outputs(folder["out.ipynb"], 1).ShouldContain("not yet");
        File.WriteAllText(folder["sub/ready"], "");
        HawqProgram.Notebook(folder["sub/a.ipynb"], "int n = 10;", fails, "n + m", "n + m + 2");
        program.Until("Watching");
        HawqProgram.Outputs(folder["out.ipynb"], 1).ShouldBe("[]");
        HawqProgram.Outputs(folder["out.ipynb"], 2).ShouldContain("11");
        HawqProgram.Outputs(folder["out.ipynb"], 3).ShouldContain("13");
    }
}
