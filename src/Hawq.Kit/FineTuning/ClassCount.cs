using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Whether a network has as many outputs as pictures have classes; libtorch says no more than that a target is out of bounds.</summary>
internal static class ClassCount
{
    /// <param name="targets">(N), class numbers from 0.</param>
    /// <param name="logits">(N, classes).</param>
    /// <exception cref="ArgumentException">A class has no output.</exception>
    public static void Require(Tensor targets, Tensor logits)
    {
        var (largest, outputs) = (targets.max().item<long>(), logits.shape[1]);
        if (largest >= outputs)
        {
            throw new ArgumentException(
                $"Received a picture of class {largest}, so {largest + 1} classes at least; expected {outputs}, as many as the network has outputs. " +
                "Make the network with the number of classes that the pictures have.");
        }
    }
}
