using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Refuses a Hessian product that is not finite: λ of it would be NaN, and a trace would take the most passes for nothing.</summary>
internal static class FiniteProduct
{
    /// <summary>H_b·v as it is, if all its numbers are finite.</summary>
    /// <exception cref="InvalidOperationException">One is not.</exception>
    public static Tensor RequireFinite(this Tensor product, Block block)
    {
        if (IsFinite(product.max()) && IsFinite(product.min())) // both are NaN if a number is
        {
            return product;
        }

        product.Dispose();
        throw new InvalidOperationException(
            $"The Hessian product of block \"{block.Name}\" is not finite though the loss is; a layer has no finite second derivative at a value " +
            "of these samples, as √x at 0. Put one that has in its place, as √(x + ε), and see that the vector is finite.");
    }

    private static bool IsFinite(Tensor number)
    {
        using (number)
        {
            return double.IsFinite(number.ToNumber());
        }
    }
}
