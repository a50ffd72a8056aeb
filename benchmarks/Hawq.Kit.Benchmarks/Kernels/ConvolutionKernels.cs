using static TorchSharp.torch;

namespace Hawq.Kit.Benchmarks;

/// <summary>A 3 × 3 convolution and both its gradients in float32.</summary>
public class ConvolutionKernels : KernelPair
{
    private Tensor _x = null!;
    private Tensor _weight = null!;
    private Tensor _gradient = null!;

    /// <inheritdoc/>
    public override string Work => "3 × 3 convolution with gradients, float32";

    /// <inheritdoc/>
    protected override void Make()
    {
        (_x, _gradient) = (Layer.Activations(ScalarType.Float32, needsGradient: true), Layer.Activations(ScalarType.Float32));
        _weight = randn([Layer.Channels, Layer.Channels, 3, 3], generator: new Generator(1)).requires_grad_(true);
    }

    /// <inheritdoc/>
    protected override void ByLibtorch() => Pass(() => nn.functional.conv2d(_x, _weight, padding: [1, 1]), _gradient, _x, _weight);

    /// <inheritdoc/>
    protected override void ByKit() => Pass(() => WinogradFunction.Of(_x, _weight), _gradient, _x, _weight);
}
