using static Hawq.Kit.Tests.TinyFineTuning;
using static TorchSharp.torch;

namespace Hawq.Kit.Tests.FineTuning;

public class SideBySideTests
{
    [Fact]
    public void Fine_tunings_of_one_network_give_what_they_give_one_after_the_other()
    {
        using var network = new CifarResNet(8, seed: 1);
        var recipe = Recipe(network).WithBatchSize(16).WithDistillation();
        long[] seeds = [3, 4, 5];
        var alone = WithThreads(1, () => seeds.Select(seed => recipe.Run(Few, Few, seed)).ToList());
        var together = WithThreads(3, () => SideBySide.Run(seeds, (seed, stop) => recipe.Run(Few, Few, seed, cancellation: stop)));
        together.Select(report => report.Seed).ShouldBe(seeds);
        foreach (var (one, other) in alone.Zip(together))
        {
            using var scope = NewDisposeScope();
            var weights = other.Network.state_dict();
            one.Network.state_dict().ShouldAllBe(pair => pair.Value.equal(weights[pair.Key]).all().item<bool>());
            one.Network.Dispose();
            other.Network.Dispose();
        }
    }

    [Theory]
    [InlineData(4, null, 1, 1, 4)]
    [InlineData(4, null, 3, 3, 1)]
    [InlineData(5, null, 2, 2, 2)]
    [InlineData(2, null, 5, 2, 1)]
    [InlineData(4, 1, 3, 1, 4)]
    [InlineData(1, 3, 5, 3, 1)]
    public void The_threads_are_shared_among_the_runs_and_given_back(int threads, int? asked, int runs, int atOnce, int each) => WithThreads(threads, () =>
    {
        using var begun = new CountdownEvent(atOnce);
        SideBySide.Run([.. Enumerable.Range(0, runs)], (run, stop) =>
        {
            if (run < begun.InitialCount)
            {
                begun.Signal();
                begun.Wait(TimeSpan.FromSeconds(60), stop).ShouldBeTrue("as many run at once as there are threads, or as were asked for");
            }

            return get_num_threads();
        }, asked).ShouldBe(Enumerable.Repeat(each, runs));
        get_num_threads().ShouldBe(threads);
        return runs;
    });

    [Fact]
    public void The_first_failure_stops_the_others_and_is_thrown_on() => WithThreads(2, () =>
    {
        var begun = 0;
        Should.Throw<InvalidDataException>(() => SideBySide.Run([0, 1, 2, 3], (run, stop) =>
        {
            Interlocked.Increment(ref begun);
            return run == 0 ? throw new InvalidDataException("bad row") : stop.WaitHandle.WaitOne(TimeSpan.FromSeconds(60)) ? run : throw new TimeoutException();
        })).Message.ShouldBe("bad row");
        begun.ShouldBeLessThanOrEqualTo(2);
        return begun;
    });

    [Fact]
    public void A_cancelled_run_throws_and_no_item_is_no_run()
    {
        using var source = new CancellationTokenSource();
        var begun = 0;
        Should.Throw<OperationCanceledException>(() => SideBySide.Run([1, 2, 3], (run, stop) =>
        {
            begun++;
            source.Cancel();
            return run;
        }, atOnce: 1, source.Token));
        begun.ShouldBe(1);
        SideBySide.Run(Array.Empty<int>(), (run, stop) => run).ShouldBeEmpty();
        Should.Throw<ArgumentOutOfRangeException>(() => SideBySide.Run([1], (run, stop) => run, atOnce: 0)).Message.ShouldContain("atOnce");
    }

    [Fact]
    public void An_interrupt_of_the_caller_leaves_no_run_behind() => WithThreads(2, () =>
    {
        using var ended = new CountdownEvent(2);
        var (begun, left) = (0, 0);
        Exception? thrown = null;
        var caller = new Thread(() =>
        {
            set_num_threads(2);
            thrown = Record.Exception(() => SideBySide.Run([1, 2, 3], (run, stop) =>
            {
                Interlocked.Increment(ref begun);
                stop.WaitHandle.WaitOne(TimeSpan.FromSeconds(60)).ShouldBeTrue();
                ended.Signal();
                return run;
            }));
            left = get_num_threads();
        });
        caller.Start();
        SpinWait.SpinUntil(() => Volatile.Read(ref begun) == 2, TimeSpan.FromSeconds(60)).ShouldBeTrue();
        caller.Interrupt();
        caller.Join(TimeSpan.FromSeconds(60)).ShouldBeTrue();
        thrown.ShouldBeOfType<ThreadInterruptedException>();
        ended.Wait(TimeSpan.FromSeconds(60)).ShouldBeTrue();
        left.ShouldBe(2);
        return begun;
    });

    private static T WithThreads<T>(int threads, Func<T> run)
    {
        var before = get_num_threads();
        set_num_threads(threads);
        try
        {
            return run();
        }
        finally
        {
            set_num_threads(before);
        }
    }
}
