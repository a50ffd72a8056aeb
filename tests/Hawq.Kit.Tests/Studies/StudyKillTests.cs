using System.Diagnostics;

namespace Hawq.Kit.Tests.Studies;

public class StudyKillTests
{
    [Fact]
    [Trait("Category", "Slow")]
    public void Sweep_killed_twice_ends_with_the_table_of_an_undisturbed_one()
    {
        using var folder = new TemporaryFolder();
        using var network = new CifarResNet(8, seed: 1);
        var random = new SplitMix64(2019);
        var kills = new List<(int Finished, int Open)>();
        foreach (var part in new[] { 4, 24 })
        {
            kills.Add(Kill(folder["killed"], part + random.Below(8), random.Below(150)));
        }

        kills.ShouldAllBe(kill => kill.Finished > 0 && kill.Finished < 48);
        kills[1].Finished.ShouldBeGreaterThan(kills[0].Finished);
        var resumed = TinyStudy.Sweep(network).In(folder["killed"]).Run();
        var whole = TinyStudy.Sweep(network).In(folder["whole"]).Run();
        whole.Results.Count.ShouldBe(48);
        whole.Results.Select(r => r.Run).Distinct().Count().ShouldBeGreaterThanOrEqualTo(40);
        resumed.Results.ShouldBe(whole.Results);
        Notebook.TextOf(resumed.ToDataFrame()).ShouldBe(Notebook.TextOf(whole.ToDataFrame()));
        foreach (var run in whole.Results.Select(r => r.Run).Distinct())
        {
            File.ReadAllBytes(Weights("killed", run)).ShouldBe(File.ReadAllBytes(Weights("whole", run)));
        }

        string Weights(string study, string run) => Path.Combine(folder[study], "cells", run, "network.safetensors");
    }

    /// <summary>Starts a sweep in a process of its own and kills it (SIGKILL) some time after a number of cells are done.</summary>
    private static (int Finished, int Open) Kill(string folder, int cells, int milliseconds)
    {
        var program = Path.ChangeExtension(typeof(StudyKillTests).Assembly.Location, ".dll");
        using var process = Process.Start(new ProcessStartInfo("dotnet", ["exec", program, "sweep", folder]))!;
        var clock = Stopwatch.StartNew();
        while (Results(folder) < cells && !process.HasExited && clock.Elapsed < TimeSpan.FromMinutes(3))
        {
            Thread.Sleep(5);
        }

        Thread.Sleep(milliseconds);
        process.HasExited.ShouldBeFalse();
        process.Kill();
        process.WaitForExit();
        return (Results(folder), Directory.GetDirectories(Path.Combine(folder, "cells")).Length);
    }

    private static int Results(string folder) =>
        Directory.Exists(Path.Combine(folder, "cells")) ? Directory.GetFiles(Path.Combine(folder, "cells"), "result.json", SearchOption.AllDirectories).Length : 0;
}
