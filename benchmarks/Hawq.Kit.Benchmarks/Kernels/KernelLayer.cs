using static TorchSharp.torch;

namespace Hawq.Kit.Benchmarks;

/// <summary>Activations of a ResNet20 layer at batch 128, with rows of channels.</summary>
/// <param name="Channels">Of the activations.</param>
/// <param name="Side">Height and width.</param>
public readonly record struct KernelLayer(int Channels, int Side)
{
    private const int Pictures = 128;

    /// <summary>The three sizes of ResNet20.</summary>
    public static IReadOnlyList<KernelLayer> OfResNet20 { get; } = [new(16, 32), new(32, 16), new(64, 8)];

    /// <summary>Random activations.</summary>
    internal Tensor Activations(ScalarType type, bool needsGradient = false)
    {
        using var scope = NewDisposeScope();
        var rows = randn([Pictures, Side, Side, Channels], generator: new Generator((ulong)Channels)).to(type);
        return rows.permute(0, 3, 1, 2).detach().requires_grad_(needsGradient).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Channels} channels of {Side}²");
}
