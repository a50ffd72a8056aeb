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
    public double WeightDecay { get; init; } = 1e-4;

    /// <summary>Momentum of SGD; 0.9 unless said. Adam ignores it.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>How the learning rate moves; cosine to zero unless said.</summary>
    public LearningRateSchedule Schedule { get; init; } = LearningRateSchedule.Cosine;

    /// <summary>Stochastic gradient descent with Nesterov momentum.</summary>
    /// <param name="learningRate">The learning rate at its highest; above 0.</param>
    public static Optimization Sgd(double learningRate) => new() { Kind = Method.Sgd, LearningRate = Positive(learningRate) };

    /// <summary>Adam (Kingma and Ba 2015) with its usual β.</summary>
    /// <param name="learningRate">The learning rate at its highest; above 0.</param>
    public static Optimization Adam(double learningRate) => new() { Kind = Method.Adam, LearningRate = Positive(learningRate) };

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant(
        $"{Kind}, learning rate {LearningRate}, {Schedule}, weight decay {WeightDecay}{(Kind == Method.Sgd ? $", Nesterov momentum {Momentum}" : "")}");

    internal TorchSharp.Modules.OptimizerHelper Create(nn.Module model) => Kind == Method.Sgd
        ? optim.SGD(model.parameters(), LearningRate, momentum: Momentum, weight_decay: WeightDecay, nesterov: Momentum > 0)
        : optim.Adam(model.parameters(), LearningRate, weight_decay: WeightDecay);

    private static double Positive(double rate) => double.IsFinite(rate) && rate > 0
        ? rate
        : throw new ArgumentOutOfRangeException(nameof(rate), rate, "A learning rate is above 0.");
}
