using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>How weights are updated: the optimizer and how its learning rate moves over the epochs.</summary>
/// <remarks>HAWQ-V1 does not say how it fine-tuned. Momentum 0.9 and weight decay 1e-4 are those of the same group's public code; the cosine and Nesterov's momentum are the kit's choice.</remarks>
public sealed record Optimization
{
    private enum Method
    {
        Sgd,
        Adam,
    }

    private Method Kind { get; init; }

    /// <summary>The learning rate at its highest.</summary>
    public double LearningRate { get; private init; }

    /// <summary>L2 penalty on all parameters; 1e-4 (V3's fine-tuning) unless said.</summary>
    /// <value>0 or more.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative, infinite or not a number.</exception>
    public double WeightDecay
    {
        get;
        init => field = value is >= 0 and < double.PositiveInfinity
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "Expected a weight decay of 0 or more, for example 1e-4.");
    } = 1e-4;

    /// <summary>Momentum of SGD; 0.9 unless said. Adam ignores it.</summary>
    /// <value>0 or more, below 1.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is out of this range.</exception>
    public double Momentum
    {
        get;
        init => field = value is >= 0 and < 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "Expected a momentum of 0 or more and below 1, for example 0.9.");
    } = 0.9;

    /// <summary>How the learning rate moves; cosine to zero unless said.</summary>
    public LearningRateSchedule Schedule { get; init => field = value ?? throw new ArgumentNullException(nameof(value)); } = LearningRateSchedule.Cosine;

    /// <summary>Stochastic gradient descent with Nesterov momentum.</summary>
    /// <param name="learningRate">The learning rate at its highest; above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0, infinite or not a number.</exception>
    public static Optimization Sgd(double learningRate) => new() { Kind = Method.Sgd, LearningRate = Positive(learningRate) };

    /// <summary>Adam (Kingma and Ba 2015) with its usual β.</summary>
    /// <param name="learningRate">The learning rate at its highest; above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0, infinite or not a number.</exception>
    public static Optimization Adam(double learningRate) => new() { Kind = Method.Adam, LearningRate = Positive(learningRate) };

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant(
        $"{Kind}, learning rate {LearningRate}, {Schedule}, weight decay {WeightDecay}{(Kind == Method.Sgd ? $", Nesterov momentum {Momentum}" : "")}");

    internal TorchSharp.Modules.OptimizerHelper Create(nn.Module model) => Kind == Method.Sgd
        ? optim.SGD(model.parameters(), LearningRate, momentum: Momentum, weight_decay: WeightDecay, nesterov: Momentum > 0)
        : optim.Adam(model.parameters(), LearningRate, weight_decay: WeightDecay);

    private static double Positive(double learningRate) => learningRate is > 0 and < double.PositiveInfinity
        ? learningRate
        : throw new ArgumentOutOfRangeException(nameof(learningRate), learningRate, "Expected a learning rate above 0 and below infinity, for example 0.01.");
}
