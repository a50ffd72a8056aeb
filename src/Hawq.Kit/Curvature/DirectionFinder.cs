using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Finds directions in the space of a block's weights, with the loss's slope and curvature along them.</summary>
internal sealed class DirectionFinder(EmpiricalRisk risk, Block block, int keptBatches)
{
    private const double Tolerance = 1e-3; // an eigenvector is off by residual ÷ relative gap: finer than λ needs

    /// <summary>Most Hessian products for the eigenvectors.</summary>
    public int MostProducts { get; init; } = 100;

    /// <summary>Unit eigenvectors of largest |λ|.</summary>
    /// <exception cref="InvalidOperationException">The Hessian has fewer different eigenvalues.</exception>
    public IReadOnlyList<(LandscapeDirection Direction, Tensor Vector)> Eigenvectors(int count, long seed, CancellationToken cancellation)
    {
        using var graphs = new GradientGraphs(risk, [block], keptBatches);
        var hessian = new HessianOperator(graphs, 0);
        var (pairs, vectors) = Lanczos.TopWithVectors(hessian, count, seed, Tolerance, MostProducts, cancellation);   // (count, n)
        if (vectors.shape[0] < count)
        {
            throw new InvalidOperationException($"The Hessian of block \"{block.Name}\" showed {vectors.shape[0]} eigenvector, a plane needs two; ask for 1 dimension.");
        }

        return [.. vectors.unbind().Select((vector, k) => Along(graphs, hessian, vector, Name(k, pairs[k]), pairs[k]))];
    }

    /// <summary>Random directions, each filter scaled to the length of the block's own: d_f ← d_f · ‖w_f‖ ÷ ‖d_f‖ (Li et al. 2018).</summary>
    public IReadOnlyList<(LandscapeDirection Direction, Tensor Vector)> Random(int count, long seed)
    {
        using var graphs = new GradientGraphs(risk, [block], keptBatches);
        var hessian = new HessianOperator(graphs, 0);
        using var generator = new Generator((ulong)seed, hessian.Device);
        return [.. Enumerable.Range(1, count).Select(k => Along(graphs, hessian, FilterNormalised(generator), $"random direction {k}"))];
    }

    /// <summary>One that has not converged says so: it is a mixture of eigenvectors.</summary>
    private string Name(int k, Eigenpair pair) => $"eigenvector {k + 1} of {block.Name}" +
        (pair.Converged ? "" : FormattableString.Invariant($" (residual {pair.Residual:G2})"));

    private static (LandscapeDirection Direction, Tensor Vector) Along(
        GradientGraphs graphs, HessianOperator hessian, Tensor vector, string name, Eigenpair? pair = null)
    {
        using var scope = NewDisposeScope();
        var slope = graphs.Gradient(0).dot(vector).ToNumber();
        return (new LandscapeDirection(name, slope, vector.dot(hessian.Multiply(vector)).ToNumber()) { Eigenpair = pair }, vector);
    }

    private Tensor FilterNormalised(Generator generator)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var parts = block.Weights.Select(weight =>
        {
            var filters = weight.detach().reshape(weight.shape[0], -1);                     // (C_out, …)
            var direction = randn(filters.shape, weight.dtype, weight.device, generator: generator);
            var lengths = direction.norm(1, keepdim: true).clamp_min_(1e-12);               // (C_out, 1)
            return direction.mul_(filters.norm(1, keepdim: true) / lengths).reshape(-1);
        });
        return cat([.. parts]).MoveToOuterDisposeScope();
    }
}
