using TorchSharp;
using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Foundation;

public class ScalarKeeperTests
{
    /// <summary>Without the keeper some fail within seconds, for they read a factor that was freed.</summary>
    [Fact]
    public void Sums_survive_collections_that_come_while_they_run()
    {
        using var ended = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        var collector = new Thread(() => Collect(ended.Token));
        collector.Start();
        using var x = ones(200_000);
        var sums = 0;
        while (!ended.IsCancellationRequested)
        {
            using var y = x + x;
            y[0].item<float>().ShouldBe(2);
            sums++;
        }

        collector.Join();
        sums.ShouldBeGreaterThan(1000);
    }

    private static void Collect(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            GC.Collect(0);
            GC.WaitForPendingFinalizers();
            for (var k = 0; k < 50; k++)
            {
                Scalar other = 7.0; // takes the freed memory
                GC.KeepAlive(other);
            }
        }
    }
}
