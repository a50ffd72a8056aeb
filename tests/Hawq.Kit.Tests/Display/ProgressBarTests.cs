namespace Hawq.Kit.Tests.Display;

/// <summary>The bar where nothing displays: lines on the console.</summary>
public class ProgressBarTests
{
    [Fact]
    public void A_download_is_told_in_megabytes()
    {
        var clock = new Clock();
        Said(() =>
        {
            var bar = new ProgressBar("CIFAR-10", clock);
            bar.Report(new DownloadProgress("archive", 10_000_000, 100_000_000));
            clock.Seconds = 20;
            bar.Report(new DownloadProgress("archive", 50_000_000, 100_000_000));
            clock.Seconds = 45;
            bar.Report(new DownloadProgress("verified", 180_000_000, 180_000_000));
        }).ShouldBe(["CIFAR-10: 0 % (starting)", "CIFAR-10: 50 % (archive, 2 MB/s, 0:00:25 left)", "CIFAR-10: 100 % (done)"]);
    }

    [Fact]
    public void Lines_come_ten_seconds_apart_and_the_last_at_once()
    {
        var clock = new Clock();
        Said(() =>
        {
            var bar = new ProgressBar("landscape", clock);
            for (var done = 1; done <= 25; done++)
            {
                clock.Seconds = done;
                bar.Report(new LandscapeProgress(done, 25));
            }
        }).ShouldBe(
        [
            "landscape: 0 % (starting)", "landscape: 44 % (point 11 of 25, 1 points/s, 0:00:14 left)",
            "landscape: 88 % (point 22 of 25, 1 points/s, 0:00:03 left)", "landscape: 100 % (done)",
        ]);
    }

    [Fact]
    public void A_source_that_does_not_tell_its_size_has_no_share() =>
        Said(() => new ProgressBar("CIFAR-10", new Clock()).Report(new DownloadProgress("archive", 10_000_000, null))).ShouldBe(["CIFAR-10: 0 % (starting)"]);

    private static string[] Said(Action action)
    {
        var (before, said) = (Console.Out, new StringWriter());
        Console.SetOut(said);
        try
        {
            action();
        }
        finally
        {
            Console.SetOut(before);
        }

        return said.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
