using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Hawq.Kit.Benchmarks;

/// <summary>Batch norm, the sum with a shortcut and ReLU, and their gradients, in float32.</summary>
public class NormalizationKernels : KernelPair
{
    private readonly ScalarType _type;
    private Tensor _x = null!;
    private Tensor _shortcut = null!;
    private Tensor _gradient = null!;
    private BatchNorm2d _norm = null!;

    /// <summary>In float32.</summary>
    public NormalizationKernels()
        : this(ScalarType.Float32)
    {
    }

    private protected NormalizationKernels(ScalarType type) => _type = type;

    /// <inheritdoc/>
    public override string Work => "batch norm, sum and ReLU with gradients, float32";

    /// <inheritdoc/>
    protected override void Make()
    {
        (_x, _shortcut, _gradient) = (Layer.Activations(_type, needsGradient: true), Layer.Activations(_type, needsGradient: true), Layer.Activations(_type));
        _norm = nn.BatchNorm2d(Layer.Channels);
    }

    /// <inheritdoc/>
    protected override void ByLibtorch() => Pass(() => _norm.call(_x).add_(_shortcut).relu_(), _gradient, _x, _shortcut, _norm.weight!, _norm.bias!);

    /// <inheritdoc/>
    protected override void ByKit() => Pass(() => _norm.RectifiedSum(_x, _shortcut), _gradient, _x, _shortcut, _norm.weight!, _norm.bias!);
}

/// <summary>The same in bfloat16.</summary>
public class BrainNormalizationKernels : NormalizationKernels
{
    /// <summary>In bfloat16.</summary>
    public BrainNormalizationKernels()
        : base(ScalarType.BFloat16)
    {
    }

    /// <inheritdoc/>
    public override string Work => "batch norm, sum and ReLU with gradients, bfloat16";
}
