using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Where the bytes of a float checkpoint are.</summary>
/// <param name="Weights">Conv and linear weights: what W-Comp counts.</param>
/// <param name="OtherParameters">Biases, batch norm's scale and shift.</param>
/// <param name="Statistics">Batch norm's running means and variances.</param>
/// <param name="Counters">Batch norm's counts of batches, int64; published files older than PyTorch 0.4.1 lack them.</param>
/// <remarks>A file has a container too: names and headers, some 200 bytes a tensor in PyTorch's formats.</remarks>
public sealed record NetworkSize(long Weights, long OtherParameters, long Statistics, long Counters)
{
    /// <summary>All of it.</summary>
    /// <value>Bytes.</value>
    public long Bytes => Weights + OtherParameters + Statistics + Counters;

    /// <summary>All of it in units of 2²⁰ bytes, which the paper calls MB.</summary>
    public double Mebibytes => InMebibytes(Bytes);

    /// <summary>Bytes in units of 2²⁰.</summary>
    internal static double InMebibytes(long bytes) => bytes / 1048576.0;

    /// <summary>Counts a network's tensors.</summary>
    /// <param name="network">A float network.</param>
    /// <exception cref="InvalidOperationException">A layer is quantized.</exception>
    public static NetworkSize Of(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        network.RequireUnpacked("expected a float network. The length of its file is the size of a quantized one.");
        network.RequireFloat("expected a float network. BitAllocation.TotalBytes is the size of a quantized one.");
        var layers = network.WeightLayers();
        var weights = layers.Sum(layer => Size(layer.Layer.Weight));
        var counters = network.buffers().Where(buffer => buffer.dtype == ScalarType.Int64).Sum(Size);
        return new(weights, network.parameters().Sum(Size) - weights, network.buffers().Sum(Size) - counters, counters);
    }

    private static long Size(Tensor tensor) => tensor.numel() * tensor.element_size();
}
