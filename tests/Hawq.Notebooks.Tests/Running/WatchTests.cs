using System.Diagnostics;

namespace Hawq.Notebooks.Tests.Running;

public class WatchTests
{
    [Fact]
    public void The_first_changed_cell_and_all_after_it_run_again_in_the_same_session()
    {
        using var folder = new TemporaryFolder();
        string[] first = ["int n = 1;", "var start = System.Environment.TickCount64; System.IO.File.AppendAllText(\"starts\", \"x\");", "n + 10", "n + 100"];
        var path = HawqProgram.Notebook(folder["a.ipynb"], first);
        string[] arguments = [typeof(NotebookFile).Assembly.Location, "run", path, "-o", folder["out.ipynb"], "--watch"];
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        try
        {
            Until(() => process.StandardOutput.ReadLine()!.StartsWith("Watching", StringComparison.Ordinal));
            HawqProgram.Notebook(path, [.. first[..2], "n + 20", first[3]]);
            Until(() => process.StandardOutput.ReadLine()!.StartsWith("Watching", StringComparison.Ordinal));
            HawqProgram.Outputs(folder["out.ipynb"], 2).ShouldContain("21");
            HawqProgram.Outputs(folder["out.ipynb"], 3).ShouldContain("101");
            File.ReadAllText(folder["starts"]).ShouldBe("x");
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    private static void Until(Func<bool> isSo)
    {
        var clock = Stopwatch.StartNew();
        while (!isSo())
        {
            clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(60));
        }
    }
}
