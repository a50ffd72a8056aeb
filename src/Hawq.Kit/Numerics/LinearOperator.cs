using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>A self-adjoint linear map that is known only by what it does to a vector: v ↦ A·v.</summary>
public abstract class LinearOperator
{
    /// <summary>n, the length of the vectors.</summary>
    public abstract long Dimension { get; }

    /// <summary>Element type of the vectors.</summary>
    public abstract ScalarType Type { get; }

    /// <summary>Where the vectors live.</summary>
    public virtual Device Device => CPU;

    /// <summary>A·v.</summary>
    /// <param name="v">(n); it is not changed.</param>
    /// <returns>(n); the caller owns it.</returns>
    public abstract Tensor Multiply(Tensor v);
}
