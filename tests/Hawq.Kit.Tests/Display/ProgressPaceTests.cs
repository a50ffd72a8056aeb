namespace Hawq.Kit.Tests.Display;

public class ProgressPaceTests
{
    [Fact]
    public void Rate_and_rest_count_from_the_first_report()
    {
        var clock = new Clock();
        var pace = new ProgressPace(clock);
        pace.Of(0.5, 1000, "batches").ShouldBeNull();                           // a run that goes on at the half
        clock.Seconds = 10;
        pace.Of(0.505, 1010, "batches").ShouldBeNull();
        clock.Seconds = 100;
        pace.Of(0.6, 1200, "batches").ShouldBe("2 batches/s, 0:06:40 left");
        clock.Seconds = 10_000;
        pace.Of(0.75, 1500, "batches").ShouldBe("3 batches/min, 2:46:40 left");
        clock.Seconds = 360_000;
        pace.Of(0.8, 1600, "batches").ShouldBe("0.1 batches/min, 66:40:00 left"); // days are hours
    }

    [Theory]
    [InlineData(999.4, "999 points/s, 0:00:01 left")]
    [InlineData(999.6, "1,000 points/s, 0:00:01 left")]
    [InlineData(24_720.7, "24,721 points/s, 0:00:01 left")]
    public void A_fast_rate_is_written_in_digits(double rate, string expected)
    {
        var clock = new Clock();
        var pace = new ProgressPace(clock);
        pace.Of(0, 0, "points").ShouldBeNull();
        clock.Seconds = 1;
        pace.Of(0.5, rate, "points").ShouldBe(expected);
    }
}
