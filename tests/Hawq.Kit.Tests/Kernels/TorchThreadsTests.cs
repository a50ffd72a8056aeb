namespace Hawq.Kit.Tests.Kernels;

public class TorchThreadsTests
{
    [Fact]
    public void Each_part_runs_once()
    {
        var calls = new int[1000];
        TorchThreads.Run(calls.Length, part => Interlocked.Increment(ref calls[part]));
        calls.ShouldAllBe(count => count == 1);
    }

    [Fact]
    public void A_part_that_fails_is_heard_of_and_the_others_still_run()
    {
        var done = 0;
        Should.Throw<Exception>(() => TorchThreads.Run(16, part =>
        {
            if (part == 15)
            {
                throw new InvalidOperationException("part 15");
            }

            Interlocked.Increment(ref done);
        })).ToString().ShouldContain("part 15");
        done.ShouldBe(15);
    }

    [Fact]
    public void On_Linux_the_threads_are_those_of_libtorch() => TorchThreads.AreShared.ShouldBe(OperatingSystem.IsLinux());
}
