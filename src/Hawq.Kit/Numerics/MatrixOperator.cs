using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>A matrix as an operator.</summary>
internal sealed class MatrixOperator(Tensor matrix) : LinearOperator
{
    /// <summary>Rounding of A = B·Λ·Bᵀ in float32 stays well below this, relative to the largest entry.</summary>
    private const double Asymmetry = 1e-4;

    public override long Dimension => matrix.shape[0];

    public override ScalarType Type => matrix.dtype;

    public override Device Device => matrix.device;

    public static MatrixOperator Checked(Tensor matrix)
    {
        var shape = string.Join(", ", matrix.shape);
        if (matrix.dim() != 2 || matrix.shape[0] != matrix.shape[1] || matrix.shape[0] == 0)
        {
            throw new ArgumentException($"Received a tensor of shape ({shape}); expected a square matrix, (n, n).", nameof(matrix));
        }

        if (!matrix.is_floating_point())
        {
            throw new ArgumentException($"Received a matrix of type {matrix.dtype}; expected a floating type. Convert it by A.to(ScalarType.Float64).", nameof(matrix));
        }

        using var scope = NewDisposeScope();
        using var _ = no_grad();
        if (!matrix.isfinite().all().item<bool>())
        {
            throw new ArgumentException($"Received a matrix of shape ({shape}) with an entry that is NaN or infinite; expected finite numbers. Check what computed it.", nameof(matrix));
        }

        return (matrix - matrix.T).abs().max().ToNumber() <= Asymmetry * matrix.abs().max().ToNumber()
            ? new MatrixOperator(matrix)
            : throw new ArgumentException($"Received a matrix of shape ({shape}) that differs from its transpose; expected A = Aᵀ. Its symmetric part is (A + A.T) / 2.", nameof(matrix));
    }

    public override Tensor Multiply(Tensor v) => matrix.mv(v);
}
