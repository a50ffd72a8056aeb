using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Fake quantization of a weight: its values move to a grid in the forward pass, its gradient passes straight through.</summary>
public sealed class WeightFakeQuantizer : nn.Module<Tensor, Tensor>
{
    private bool _learns = true;

    /// <summary>Makes a quantizer for a weight.</summary>
    /// <param name="weight">The float weight; a learned step starts at 2·E|w| / √Q_p (Esser et al. 2020, section 2.1).</param>
    /// <param name="bits">1 to 8; a learned step needs 2 or more.</param>
    /// <param name="scheme">Symmetry, granularity, range rule and method.</param>
    /// <exception cref="ArgumentOutOfRangeException">The bit width is float, or 1 with a learned step.</exception>
    public WeightFakeQuantizer(Tensor weight, BitWidth bits, QuantizationScheme scheme)
        : base(nameof(WeightFakeQuantizer))
    {
        ArgumentNullException.ThrowIfNull(scheme);
        (Bits, Scheme) = (bits, scheme);
        var range = IntegerRange.Of(bits, Symmetry.Symmetric);
        if (scheme.Weights == WeightMethod.LearnedBasis)
        {
            register_buffer("basis", LearnedBasis.OfWeight(weight, bits).DetachFromDisposeScope());
        }

        if (scheme.Weights != WeightMethod.LearnedStep)
        {
            return;
        }

        if (bits.Value == 1)
        {
            throw new ArgumentOutOfRangeException(nameof(bits), bits, "A learned step takes 2 to 8 bits; at 1 bit use DoReFa or an estimated range.");
        }

        using var scope = NewDisposeScope();
        using var _ = no_grad();
        register_parameter("step", LearnedScalar.Of(weight.abs().mean().item<float>() * 2 / Math.Sqrt(range.Highest), weight.device));
    }

    /// <summary>The bit width of the weight.</summary>
    public BitWidth Bits { get; }

    /// <summary>The scheme that it was made with.</summary>
    public QuantizationScheme Scheme { get; }

    /// <summary>The grid on which the quantized weight lies now. The caller owns it.</summary>
    /// <param name="weight">The float weight.</param>
    /// <remarks>
    /// The stored integers are <c>grid.Quantize(quantizer.call(weight))</c> for every method. DoReFa's grid has steps of
    /// 2 / (2^b − 1) from −1 to 1, so its zero point is half an odd number.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The method is a learned basis, whose levels are not equidistant; see the buffer <c>basis</c>.</exception>
    public QuantizationGrid GridOf(Tensor weight)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return Scheme.Weights switch
        {
            WeightMethod.LearnedStep => new(Step.detach().clone(), zeros_like(Step), IntegerRange.Of(Bits, Symmetry.Symmetric)),
            WeightMethod.DoReFa when Bits.Value > 1 => DoReFaGrid(weight),
            WeightMethod.DoReFa => RangeEstimator.Estimate(weight, Bits, QuantizationScheme.SymmetricPerTensor),
            WeightMethod.LearnedBasis => throw new InvalidOperationException(
                "The levels of a learned basis are not equidistant, so there is no grid; read the buffer \"basis\", (C_out, b)."),
            _ => RangeEstimator.Estimate(weight, Bits, Scheme),
        };
    }

    /// <summary>Keeps what the quantizer learns, a step or a basis, as it is while its network trains; or lets it learn again.</summary>
    internal void Freeze(bool isFrozen)
    {
        _learns = !isFrozen;
        foreach (var parameter in parameters())
        {
            parameter.requires_grad = _learns;
        }
    }

    /// <summary>The quantized weight, of the shape of the float weight.</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        if (Scheme.Weights == WeightMethod.LearnedStep)
        {
            return LearnedStepFunction.Of(input, Step, IntegerRange.Of(Bits, Symmetry.Symmetric), input.numel()).MoveToOuterDisposeScope();
        }

        if (Scheme.Weights == WeightMethod.LearnedBasis)
        {
            return LearnedBasis.Snap(input, get_buffer("basis")!, isSigned: true, learns: training && _learns).MoveToOuterDisposeScope();
        }

        using var grid = GridOf(input);
        if (Scheme.Weights == WeightMethod.DoReFa && Bits.Value > 1)
        {
            var bounded = input.tanh();
            var largest = bounded.abs().max();
            return StraightThrough.Of(bounded.div(largest + largest.eq(0)), grid, spansAll: true).MoveToOuterDisposeScope(); // where all are 0, by 1
        }

        var spansAll = Scheme.Weights == WeightMethod.DoReFa || Scheme.Range == RangeRule.MinMax;
        return StraightThrough.Of(input, grid, spansAll).MoveToOuterDisposeScope();
    }

    private Tensor Step => LearnedScalar.Positive(get_parameter("step")!);

    private QuantizationGrid DoReFaGrid(Tensor weight)
    {
        var steps = Bits.LevelCount - 1;
        return new(
            tensor(2f / steps, device: weight.device), tensor(steps / 2f, device: weight.device), IntegerRange.Of(Bits, Symmetry.Asymmetric));
    }
}
