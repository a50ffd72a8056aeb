using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Inputs and targets of one mini-batch. It owns both tensors.</summary>
/// <param name="Inputs">(N, C, H, W), float32.</param>
/// <param name="Targets">(N), int64 class indices.</param>
public sealed record Batch(Tensor Inputs, Tensor Targets) : IDisposable
{
    /// <summary>N, the number of samples.</summary>
    public long Size => Targets.shape[0];

    /// <summary>The batch on a device; the same memory where it is there already. Both have to be disposed.</summary>
    internal Batch To(Device device) => new(Inputs.to(device), Targets.to(device));

    /// <inheritdoc/>
    public void Dispose()
    {
        Inputs.Dispose();
        Targets.Dispose();
    }
}
