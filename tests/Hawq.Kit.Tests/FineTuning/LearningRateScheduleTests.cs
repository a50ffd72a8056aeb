namespace Hawq.Kit.Tests.FineTuning;

public class LearningRateScheduleTests
{
    [Fact]
    public void Cosine_falls_from_one_over_a_half_to_zero()
    {
        LearningRateSchedule.Cosine.At(0).ShouldBe(1);
        LearningRateSchedule.Cosine.At(0.5).ShouldBe(0.5, 1e-15);
        LearningRateSchedule.Cosine.At(1).ShouldBe(0, 1e-15);
    }

    [Fact]
    public void One_cycle_rises_and_falls()
    {
        var cycle = LearningRateSchedule.OneCycle(0.2);
        cycle.At(0).ShouldBe(0.01);
        cycle.At(0.1).ShouldBe(0.5, 1e-15);
        cycle.At(0.2).ShouldBe(1, 1e-15);
        cycle.At(0.6).ShouldBe(0.5, 1e-15);
        cycle.At(1).ShouldBe(0);
        Should.Throw<ArgumentOutOfRangeException>(() => LearningRateSchedule.OneCycle(1));
    }

    [Fact]
    public void Steps_divide_by_ten_at_each_point()
    {
        var steps = LearningRateSchedule.Steps(0.5, 0.75);
        steps.At(0.49).ShouldBe(1);
        steps.At(0.5).ShouldBe(0.1, 1e-15);
        steps.At(0.75).ShouldBe(0.01, 1e-15);
        LearningRateSchedule.Constant.At(0.9).ShouldBe(1);
        Should.Throw<ArgumentOutOfRangeException>(() => LearningRateSchedule.Steps(80, 120)).Message.ShouldContain("an epoch ÷ all epochs");
    }
}
