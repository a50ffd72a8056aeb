using System.Diagnostics;

namespace Hawq.Notebooks.Tests.Session;

public class CellInterruptionTests
{
    [Fact]
    public async Task The_first_output_of_a_cell_that_was_asked_to_stop_throws_and_no_other()
    {
        var interruption = new CellInterruption();
        var isDone = await interruption.Guard(() =>
        {
            _ = interruption.Token; // it listens, so it has time
            interruption.StopAtOutput();
            interruption.Request();
            Should.Throw<OperationCanceledException>(() => interruption.StopAtOutput()).CancellationToken.IsCancellationRequested.ShouldBeTrue();
            interruption.StopAtOutput();
            return Task.FromResult(true);
        });
        isDone.ShouldBeTrue();
    }

    [Fact]
    public void An_output_of_a_thread_that_the_cell_started_does_not_throw()
    {
        var interruption = new CellInterruption();
        interruption.Request();
        interruption.StopAtOutput();
        interruption.InEngine(interruption.StopAtOutput);
    }

    [Fact]
    public async Task A_cell_is_not_ended_while_it_is_inside_the_engine()
    {
        var interruption = new CellInterruption();
        var (left, wasAsked) = (false, false);
        var running = interruption.Guard<bool>(() =>
        {
            interruption.InEngine(() =>
            {
                interruption.Request();
                interruption.Request(); // at once
                for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromSeconds(0.5);)
                {
                    wasAsked |= interruption.IsAsked;
                }

                left = true;
            });
            while (true)
            {
                Volatile.Read(ref wasAsked);
            }
        });
        await Should.ThrowAsync<OperationCanceledException>(running.WaitAsync(TimeSpan.FromMinutes(1)));
        (left, wasAsked).ShouldBe((true, true));
    }

    [Fact]
    public void Who_asks_again_does_not_put_the_end_off()
    {
        var interruption = new CellInterruption();
        _ = interruption.Token;
        interruption.Request();
        var listening = interruption.Deadline;
        interruption.Request();
        var pressed = interruption.Deadline;
        pressed.ShouldBeLessThan(listening);
        SpinWait.SpinUntil(() => Environment.TickCount64 > pressed - 2900, TimeSpan.FromMinutes(1)).ShouldBeTrue(); // a tenth of the three seconds
        interruption.Request();
        interruption.Deadline.ShouldBe(pressed);
    }
}
