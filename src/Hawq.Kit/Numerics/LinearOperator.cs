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

    /// <summary>A matrix as an operator, to try a method where all is known.</summary>
    /// <param name="matrix">(n, n), symmetric, of a floating type; it stays the caller's and must live as long as the operator.</param>
    /// <exception cref="ArgumentException">It is not square, not of a floating type, not finite or not symmetric.</exception>
    public static LinearOperator Of(Tensor matrix)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        return MatrixOperator.Checked(matrix);
    }

    /// <summary>A·v.</summary>
    /// <param name="v">(n); it is not changed.</param>
    /// <returns>(n); the caller owns it.</returns>
    public abstract Tensor Multiply(Tensor v);
}
