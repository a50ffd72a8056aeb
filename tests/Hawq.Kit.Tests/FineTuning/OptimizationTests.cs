namespace Hawq.Kit.Tests.FineTuning;

public class OptimizationTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_learning_rate_is_above_0_and_finite(double rate)
    {
        foreach (var make in (Func<double, Optimization>[])[Optimization.Sgd, Optimization.Adam])
        {
            var error = Should.Throw<ArgumentOutOfRangeException>(() => make(rate));
            error.ParamName.ShouldBe("learningRate");
            error.Message.ShouldStartWith("Expected a learning rate above 0 and below infinity");
        }
    }

    [Theory]
    [InlineData(-1e-4)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_weight_decay_is_0_or_more(double decay) =>
        Should.Throw<ArgumentOutOfRangeException>(() => Optimization.Sgd(0.1) with { WeightDecay = decay }).Message.ShouldStartWith("Expected a weight decay of 0 or more");

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void A_momentum_is_0_or_more_and_below_1(double momentum) =>
        Should.Throw<ArgumentOutOfRangeException>(() => Optimization.Sgd(0.1) with { Momentum = momentum }).Message.ShouldStartWith("Expected a momentum of 0 or more and below 1");

    [Fact]
    public void Settings_that_are_missing_are_refused_where_they_are_given()
    {
        using var network = new CifarResNet(8, seed: 1);
        var training = NetworkTraining.Of(network);
        Should.Throw<ArgumentNullException>(() => training.With((Optimization)null!));
        Should.Throw<ArgumentNullException>(() => training.With((Augmentation)null!));
        Should.Throw<ArgumentNullException>(() => TinyFineTuning.Recipe(network).With((QuantizationScheme)null!));
        Should.Throw<ArgumentNullException>(() => Optimization.Sgd(0.1) with { Schedule = null! });
    }
}
