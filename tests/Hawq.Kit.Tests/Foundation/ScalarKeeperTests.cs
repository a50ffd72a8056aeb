using System.Diagnostics;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Foundation;

public class ScalarKeeperTests
{
    private const int FewestSums = 1000;
    private static readonly TimeSpan LeastTime = TimeSpan.FromSeconds(5);

    /// <summary>Without the keeper some fail within seconds, for they read a factor that was freed.</summary>
    [X64Fact]
    public void Sums_survive_collections_that_come_while_they_run()
    {
        using var ended = new CancellationTokenSource();
        var collector = new Thread(() => Collect(ended.Token));
        collector.Start();
        try
        {
            using var x = ones(200_000);
            var clock = Stopwatch.StartNew();
            for (var sums = 0; sums < FewestSums || clock.Elapsed < LeastTime; sums++)
            {
                using var y = x + x;
                y[0].item<float>().ShouldBe(2);
            }
        }
        finally
        {
            ended.Cancel();
            collector.Join();
        }
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

/// <summary>A test that is skipped on other processors than x64, where TorchSharp's scalars are not kept.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class X64FactAttribute : FactAttribute
{
    public X64FactAttribute() =>
        Skip = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? null : $"the keeper is for x64, and this is {RuntimeInformation.ProcessArchitecture}";
}
