using static TorchSharp.torch;

namespace Hawq.Kit.Benchmarks;

/// <summary>Fake quantization of activations to 4 bits and its straight-through gradient in float32.</summary>
public class SnapKernels : KernelPair
{
    private const float Scale = 0.25f;

    private static readonly GridConstants Grid = new(Scale, -8, 7);

    private Tensor _x = null!;
    private Tensor _gradient = null!;

    /// <inheritdoc/>
    public override string Work => "fake quantization with gradient, float32";

    /// <inheritdoc/>
    protected override void Make() => (_x, _gradient) = (Layer.Activations(ScalarType.Float32), Layer.Activations(ScalarType.Float32));

    /// <inheritdoc/>
    protected override void ByLibtorch()
    {
        using var scope = NewDisposeScope();
        var integers = (_x / Scale).round_();
        _ = integers.clamp(Grid.Lowest, Grid.Highest).mul_(Scale);
        _ = _gradient * (integers.ge(Grid.Lowest) & integers.le(Grid.Highest));
    }

    /// <inheritdoc/>
    protected override void ByKit()
    {
        using var scope = NewDisposeScope();
        FusedSnap.Forward(_x, Grid);
        FusedSnap.Backward(_x, _gradient, Grid);
    }
}
