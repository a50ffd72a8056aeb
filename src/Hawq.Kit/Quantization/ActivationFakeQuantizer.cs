using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Fake quantization of a layer's input, one grid a tensor; unsigned where the input was never negative.</summary>
/// <remarks>The range is saved with the network: buffers <c>scale</c> and <c>zero_point</c>, the buffer <c>basis</c>, or the parameter <c>clip</c> or <c>step</c>.</remarks>
public sealed class ActivationFakeQuantizer : nn.Module<Tensor, Tensor>
{
    private QuantizationGrid? _grid;
    private (float Scale, float ZeroPoint) _frozen;

    /// <summary>Makes a quantizer from an observed range.</summary>
    /// <param name="range">What calibration saw at this input.</param>
    /// <param name="bits">1 to 8.</param>
    /// <param name="scheme">Its activation method and activation range are used.</param>
    /// <param name="device">Where its tensors live; the CPU unless given.</param>
    /// <exception cref="ArgumentOutOfRangeException">The bit width is float, or 1 with a learned step of a signed input.</exception>
    public ActivationFakeQuantizer(ActivationRange range, BitWidth bits, QuantizationScheme scheme, Device? device = null)
        : base(nameof(ActivationFakeQuantizer))
    {
        ArgumentNullException.ThrowIfNull(range);
        ArgumentNullException.ThrowIfNull(scheme);
        Bits = bits;
        var needsUnsigned = scheme.Activations is ActivationMethod.LearnedClip or ActivationMethod.LearnedBasis;
        Method = needsUnsigned && !range.IsUnsigned ? ActivationMethod.Calibrated : scheme.Activations;
        Range = IntegerRange.Of(bits, Method == ActivationMethod.LearnedStep && !range.IsUnsigned ? Symmetry.Symmetric : Symmetry.Asymmetric);
        if (Range.IsBinary)
        {
            throw new ArgumentOutOfRangeException(nameof(bits), bits, "A learned step of a signed input takes 2 to 8 bits.");
        }

        using var scope = NewDisposeScope();
        var (low, high) = range.Ends(scheme.ActivationRange, bits);
        Register(range, low, high, device ?? CPU);
    }

    /// <summary>The bit width of the input.</summary>
    public BitWidth Bits { get; }

    /// <summary>How its range is found; a signed input has no learned clip or basis and is calibrated instead.</summary>
    public ActivationMethod Method { get; }

    /// <summary>The integers in use.</summary>
    public IntegerRange Range { get; }

    /// <summary>Whether its numbers, which a file may have given, make a grid.</summary>
    internal bool IsSound => Method switch
    {
        ActivationMethod.LearnedClip => float.IsFinite(get_parameter("clip")!.item<float>()),
        ActivationMethod.LearnedStep => float.IsFinite(get_parameter("step")!.item<float>()),
        ActivationMethod.LearnedBasis => get_buffer("basis")!.isfinite().all().item<bool>(),
        _ => get_buffer("scale")!.item<float>() is > 0 and < float.PositiveInfinity && get_buffer("zero_point")!.item<float>() is var zero
            && float.IsInteger(zero) && zero >= Range.Lowest && zero <= Range.Highest,
    };

    /// <summary>The grid in use now. The caller owns it.</summary>
    /// <exception cref="InvalidOperationException">The method is a learned basis, whose levels are not equidistant; see the buffer <c>basis</c>.</exception>
    public QuantizationGrid Grid()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return Method switch
        {
            ActivationMethod.LearnedClip => new(Clip.detach().div(Range.Highest), zeros_like(Clip), Range),
            ActivationMethod.LearnedStep => new(Step.detach().clone(), zeros_like(Step), Range),
            ActivationMethod.LearnedBasis => throw new InvalidOperationException(
                "The levels of a learned basis are not equidistant, so there is no grid; read the buffer \"basis\", (1, b)."),
            _ => new(get_buffer("scale")!.clone(), get_buffer("zero_point")!.clone(), Range),
        };
    }

    /// <summary>The quantized input, of the same shape and memory layout.</summary>
    public override Tensor forward(Tensor input) => Method switch
    {
        ActivationMethod.LearnedClip => LearnedClipFunction.Of(input, Clip, Bits),
        ActivationMethod.LearnedStep => LearnedStepFunction.Of(input, Step, Range, input.numel() / input.shape[0]),
        ActivationMethod.LearnedBasis => LearnedBasis.Snap(input, get_buffer("basis")!, isSigned: false, learns: training),
        _ => ActivationSnap.Of(input, Frozen()),
    };

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _grid?.Dispose();
        }

        base.Dispose(disposing);
    }

    private Parameter Clip => LearnedScalar.Positive(get_parameter("clip")!);

    private Parameter Step => LearnedScalar.Positive(get_parameter("step")!);

    /// <summary>The calibrated grid, taken again only after the buffers were loaded or moved.</summary>
    private QuantizationGrid Frozen()
    {
        var scale = get_buffer("scale")!;
        var now = (scale.item<float>(), get_buffer("zero_point")!.item<float>());
        if (_grid is null || _grid.Scale.device != scale.device || _frozen != now)
        {
            _grid?.Dispose();
            (_grid, _frozen) = (Grid(), now);
        }

        return _grid;
    }

    private void Register(ActivationRange range, double low, double high, Device device)
    {
        switch (Method)
        {
            case ActivationMethod.LearnedClip:
                register_parameter("clip", LearnedScalar.Of(high > 0 ? high : 8, device));
                break;
            case ActivationMethod.LearnedStep:
                register_parameter("step", LearnedScalar.Of(2 * range.MeanMagnitude / Math.Sqrt(Range.Highest), device));
                break;
            case ActivationMethod.LearnedBasis:
                register_buffer("basis", LearnedBasis.OfRange(range, Bits).to(device).DetachFromDisposeScope());
                break;
            default:
                using (var grid = RangeEstimator.Interval(low, high, Bits))
                {
                    register_buffer("scale", grid.Scale.to(device, copy: true).DetachFromDisposeScope());
                    register_buffer("zero_point", grid.ZeroPoint.to(device, copy: true).DetachFromDisposeScope());
                }

                break;
        }
    }
}
