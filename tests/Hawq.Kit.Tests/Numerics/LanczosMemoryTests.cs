using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Numerics;

/// <summary>The heap is the whole process's: no other test runs beside these.</summary>
[CollectionDefinition(nameof(LanczosMemoryTests), DisableParallelization = true)]
[Collection(nameof(LanczosMemoryTests))]
public class LanczosMemoryTests
{
    private const int Products = 24;

    [Fact]
    public void Lanczos_holds_a_vector_a_product_and_three_more()
    {
        using var scales = linspace(1, 2, 1 << 18, dtype: ScalarType.Float64);
        var of = new Scaling(scales);
        Take(of, 3);                                                                        // libtorch's own first-time memory is no part
        var before = NativeHeap.InUse();
        var vectors = (NativeHeap.PeakOf(() => Take(of, Products)) - before) / (double)(of.Dimension * sizeof(double));
        vectors.ShouldBeInRange(Products, Products + 4);
        Lanczos.MostVectors(Products, of.Dimension, 2).ShouldBe(Products + 3);
    }

    [Fact]
    public void A_basis_is_never_larger_than_the_space_and_many_eigenvectors_count()
    {
        Lanczos.MostVectors(100, 12, 1).ShouldBe(12 + 3);
        Lanczos.MostVectors(40, 1000, 10).ShouldBe(40 + 1 + 10);
    }

    private static void Take(LinearOperator of, int products)
    {
        var (pairs, vectors) = Lanczos.TopWithVectors(of, 2, 1, 0, products, default);
        vectors.Dispose();
        pairs[0].Products.ShouldBe(products);
    }

    /// <summary>A diagonal matrix by its diagonal alone.</summary>
    private sealed class Scaling(Tensor scales) : LinearOperator
    {
        public override long Dimension => scales.numel();

        public override ScalarType Type => scales.dtype;

        public override Tensor Multiply(Tensor v) => scales * v;
    }
}
