namespace Hawq.Kit.Tests.Data;

public class PicturePrefetchTests
{
    [Fact]
    public void Batches_come_in_order_and_a_bounded_number_waits()
    {
        var made = 0;
        var seen = 0;
        foreach (var batch in PicturePrefetch.Run(50, 2, (k, _) => (Interlocked.Increment(ref made), k).k))
        {
            batch.ShouldBe(seen++);
            Thread.Sleep(1);
            Volatile.Read(ref made).ShouldBeLessThanOrEqualTo(seen + 3); // two wait, one is being made or waits to be added
        }

        seen.ShouldBe(50);
    }

    [Fact]
    public void A_reader_that_stops_early_stops_the_making()
    {
        var made = 0;
        PicturePrefetch.Run(1000, 2, (k, _) => Interlocked.Increment(ref made)).Take(3).Count().ShouldBe(3);
        var after = made;
        Thread.Sleep(20);
        made.ShouldBe(after);
        after.ShouldBeLessThanOrEqualTo(7);
    }

    [Fact]
    public void An_error_comes_through_after_the_batches_before_it()
    {
        var seen = 0;
        Should.Throw<InvalidDataException>(() =>
        {
            foreach (var _ in PicturePrefetch.Run(5, 2, (k, _) => k == 3 ? throw new InvalidDataException("x") : k))
            {
                seen++;
            }
        }).Message.ShouldBe("x");
        seen.ShouldBe(3);
    }
}
