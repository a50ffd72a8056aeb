namespace Hawq.Kit;

/// <summary>How tensors are quantized, apart from the number of bits.</summary>
/// <param name="Symmetry">Symmetry of the weight grid.</param>
/// <param name="Granularity">How many grids a weight has.</param>
/// <param name="Range">How the range of a weight is chosen.</param>
/// <remarks>
/// HAWQ-V1 does not state its quantizer. <see cref="AsymmetricPerTensor"/> follows its authors' later words on V2. Inputs of
/// layers are always quantized per tensor: unsigned where they are never negative (after a ReLU), else asymmetric, or symmetric with a learned step.
/// </remarks>
public sealed record QuantizationScheme(Symmetry Symmetry, Granularity Granularity, RangeRule Range)
{
    /// <summary>Asymmetric, one min-max grid a tensor: the kit's choice for HAWQ-V1 and V2.</summary>
    public static QuantizationScheme AsymmetricPerTensor { get; } =
        new(Symmetry.Asymmetric, Granularity.PerTensor, RangeRule.MinMax);

    /// <summary>Asymmetric, one min-max grid an output channel.</summary>
    public static QuantizationScheme AsymmetricPerChannel { get; } =
        new(Symmetry.Asymmetric, Granularity.PerChannel, RangeRule.MinMax);

    /// <summary>Symmetric, one min-max grid a tensor.</summary>
    public static QuantizationScheme SymmetricPerTensor { get; } =
        new(Symmetry.Symmetric, Granularity.PerTensor, RangeRule.MinMax);

    /// <summary>Symmetric, one min-max grid an output channel: HAWQ-V3's weights.</summary>
    public static QuantizationScheme SymmetricPerChannel { get; } =
        new(Symmetry.Symmetric, Granularity.PerChannel, RangeRule.MinMax);

    /// <summary>Mid-rise, one least-squares grid an output channel: all 2^b levels are used, which counts at 2 bits.</summary>
    public static QuantizationScheme MidRisePerChannel { get; } =
        new(Symmetry.MidRise, Granularity.PerChannel, RangeRule.LeastSquares);

    /// <summary>LSQ: learned steps of weights and activations, symmetric, one a tensor (Esser et al. 2020).</summary>
    public static QuantizationScheme LearnedStep { get; } =
        SymmetricPerTensor with { Weights = WeightMethod.LearnedStep, Activations = ActivationMethod.LearnedStep };

    /// <summary>DoReFa: tanh weights (Zhou et al. 2016). Gradients stay float, and inputs take the calibrated range where the paper clips them to [0, 1].</summary>
    public static QuantizationScheme DoReFa { get; } = SymmetricPerTensor with { Weights = WeightMethod.DoReFa };

    /// <summary>PACT: learned clip of activations, weights as DoReFa (Choi et al. 2018).</summary>
    public static QuantizationScheme Pact { get; } = DoReFa with { Activations = ActivationMethod.LearnedClip };

    /// <summary>LQ-Nets: learned bases of weights, one an output channel, and of activations (Zhang et al. 2018).</summary>
    public static QuantizationScheme LqNets { get; } =
        SymmetricPerChannel with { Weights = WeightMethod.LearnedBasis, Activations = ActivationMethod.LearnedBasis };

    /// <summary>How a weight's grid follows from the weight.</summary>
    public WeightMethod Weights { get; init; } = WeightMethod.Estimated;

    /// <summary>How an activation's range is found.</summary>
    public ActivationMethod Activations { get; init; } = ActivationMethod.Calibrated;

    /// <summary>How an activation's range is chosen from the observed values; min-max unless said otherwise.</summary>
    public RangeRule ActivationRange { get; init; } = RangeRule.MinMax;

    /// <summary>All that decides how tensors are quantized: run cards and checkpoints are told apart by these words.</summary>
    public override string ToString()
    {
        var weights = Weights switch
        {
            WeightMethod.LearnedStep => "learned step",
            WeightMethod.DoReFa => "DoReFa",
            WeightMethod.LearnedBasis => "learned basis",
            _ => $"{(Symmetry == Symmetry.MidRise ? "mid-rise" : Symmetry.ToString().ToLowerInvariant())}, {(Granularity == Granularity.PerChannel ? "per channel" : "per tensor")}, {Range}",
        };
        var inputs = Activations switch
        {
            ActivationMethod.LearnedClip => ", inputs with learned clip",
            ActivationMethod.LearnedStep => ", inputs with learned step",
            ActivationMethod.LearnedBasis => ", inputs with learned basis",
            _ => "",
        };
        return weights + inputs + (ActivationRange == RangeRule.MinMax ? "" : $", inputs {ActivationRange}");
    }
}
