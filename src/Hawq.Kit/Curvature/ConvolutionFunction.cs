using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>
/// y = x ∗ W as a node that is cheap to differentiate twice. libtorch's own second derivative of a convolution always computes the
/// term ∂/∂W as well, by a convolution with a kernel as large as the picture, whether or not it is asked for.
/// </summary>
/// <remarks>
/// Three maps, each linear in both arguments and each other's derivatives: forward (x, W ↦ y), data (g, W ↦ Wᵀg) and
/// weight (g, x ↦ Σ g xᵀ). A derivative is computed where its argument requires a gradient, and nowhere else.
/// </remarks>
internal sealed class ConvolutionFunction : autograd.SingleTensorFunction<ConvolutionFunction>
{
    public override string Name => "convolution";

    /// <summary>x (N, C_in, H, W), W (C_out, C_in ÷ groups, K, K); the output (N, C_out, H', W').</summary>
    public static Tensor Of(Tensor x, Tensor weight, ConvolutionGeometry geometry) => apply(x, weight, geometry);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) =>
        ConvolutionArguments.Keep(ctx, vars).Forward((Tensor)vars[0], (Tensor)vars[1]);

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using var call = GradientHandles.Received(grad_output);
        using var kept = ConvolutionArguments.Of(ctx);
        return GradientHandles.Returned(
            kept.FirstMoves ? ConvolutionData.apply(grad_output, kept.Second, kept.Geometry) : null,
            kept.SecondMoves ? ConvolutionWeight.apply(grad_output, kept.First, kept.Geometry) : null,
            null);
    }
}

/// <summary>g, W ↦ Wᵀg: the derivative by the input.</summary>
internal sealed class ConvolutionData : autograd.SingleTensorFunction<ConvolutionData>
{
    public override string Name => "convolution data";

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) =>
        ConvolutionArguments.Keep(ctx, vars).Data((Tensor)vars[0], (Tensor)vars[1]);

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using var call = GradientHandles.Received(grad_output);
        using var kept = ConvolutionArguments.Of(ctx);
        return GradientHandles.Returned(
            kept.FirstMoves ? ConvolutionFunction.apply(grad_output, kept.Second, kept.Geometry.WithoutBias()) : null,
            kept.SecondMoves ? ConvolutionWeight.apply(kept.First, grad_output, kept.Geometry) : null,
            null);
    }
}

/// <summary>g, x ↦ Σ g xᵀ: the derivative by the weight.</summary>
internal sealed class ConvolutionWeight : autograd.SingleTensorFunction<ConvolutionWeight>
{
    public override string Name => "convolution weight";

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) =>
        ConvolutionArguments.Keep(ctx, vars).Weight((Tensor)vars[0], (Tensor)vars[1]);

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using var call = GradientHandles.Received(grad_output);
        using var kept = ConvolutionArguments.Of(ctx);
        return GradientHandles.Returned(
            kept.FirstMoves ? ConvolutionFunction.apply(kept.Second, grad_output, kept.Geometry.WithoutBias()) : null,
            kept.SecondMoves ? ConvolutionData.apply(kept.First, grad_output, kept.Geometry) : null,
            null);
    }
}
