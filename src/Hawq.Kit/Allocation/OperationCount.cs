using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Counts what a network computes.</summary>
public static class OperationCount
{
    /// <summary>
    /// Multiply-accumulates (MACs) of each conv and linear layer for one input: outputs · weights ÷ C_out. Bias, batch norm and
    /// pooling are not counted.
    /// </summary>
    /// <param name="network">The network; one picture of zeros, of the weights' type, passes through it in evaluation mode.</param>
    /// <param name="inputSize">Size of one input without the batch, e.g. 3, 32, 32.</param>
    /// <returns>MACs by dotted layer name, in network order. ResNet20 on 32 × 32 has 40,551,040, of them 640 in the last layer.</returns>
    /// <exception cref="ArgumentException">The input size is empty or not positive.</exception>
    public static IReadOnlyDictionary<string, long> MultiplyAccumulates(this Network network, params ReadOnlySpan<long> inputSize)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (inputSize.Length == 0 || inputSize.ContainsAnyExceptInRange(1, long.MaxValue))
        {
            throw new ArgumentException(
                $"Received input size ({string.Join(", ", inputSize.ToArray())}); expected positive sizes without the batch, for example 3, 32, 32.", nameof(inputSize));
        }

        var layers = network.WeightLayers();
        var counts = layers.ToDictionary(layer => layer.Name, _ => 0L);
        using var state = new ModelState(network);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        network.eval();
        var hooks = layers.Select(layer => layer.Layer.register_forward_hook((_, _, output) =>
        {
            counts[layer.Name] += output.numel() * (layer.Layer.Weight.numel() / layer.Layer.Weight.shape[0]);
            return output;
        })).ToList();
        try
        {
            var like = network.parameters().First();
            network.call(zeros([1, .. inputSize], dtype: like.dtype, device: like.device));
        }
        finally
        {
            hooks.ForEach(hook => hook.remove());
        }

        return counts;
    }
}
