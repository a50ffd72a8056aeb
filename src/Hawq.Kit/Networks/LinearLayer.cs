using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>A fully connected layer: input (N, C_in), output (N, C_out) = input · weightᵀ + bias.</summary>
public sealed class LinearLayer : WeightLayer
{
    /// <summary>Makes a linear layer with weights drawn from <paramref name="generator"/> and a zero bias.</summary>
    /// <param name="inputs">C_in, at least 1.</param>
    /// <param name="outputs">C_out, at least 1.</param>
    /// <param name="generator">Source of the initial weights.</param>
    /// <param name="bias">Whether a bias is added.</param>
    public LinearLayer(long inputs, long outputs, Generator generator, bool bias = true)
        : base(nameof(LinearLayer), [Positive(outputs, nameof(outputs)), Positive(inputs, nameof(inputs))], bias, generator)
    {
    }

    private protected override Tensor Apply(Tensor input, Tensor weight) =>
        nn.functional.linear(input.dtype == weight.dtype ? input : input.to(weight.dtype), weight, Bias);

    private static long Positive(long size, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1, name);
        return size;
    }
}
