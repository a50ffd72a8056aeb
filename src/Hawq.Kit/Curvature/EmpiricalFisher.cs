using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>The trace of the empirical Fisher of each block, Tr F = (1/N) Σ_i ‖∂ℓ_i/∂W_b‖², from gradients of single samples.</summary>
internal static class EmpiricalFisher
{
    /// <summary>One estimate a block; the standard error is that of a mean over samples.</summary>
    /// <param name="risk">The network and its samples.</param>
    /// <param name="blocks">The blocks.</param>
    /// <param name="maximum">Most samples, the first ones.</param>
    /// <param name="cancellation">Stops between samples.</param>
    public static IReadOnlyList<Estimate> Traces(EmpiricalRisk risk, IReadOnlyList<Block> blocks, int maximum, CancellationToken cancellation)
    {
        using var state = new ModelState(risk.Model);
        risk.Model.eval();
        using var recording = enable_grad();
        var weights = blocks.SelectMany(block => block.Weights).Cast<Tensor>().ToList();
        var squares = blocks.Select(_ => new List<double>()).ToList();
        var samples = risk.Batches.SelectMany(batch => Enumerable.Range(0, (int)batch.Size).Select(i => (batch, i))).Take(maximum);
        foreach (var (batch, i) in samples)
        {
            NotebookEngine.ThrowIfInterrupted(cancellation);
            using var scope = NewDisposeScope();
            var gradients = autograd.grad([risk.OfSample(batch, i).RequireGraph()], weights);
            var at = 0;
            for (var b = 0; b < blocks.Count; b++)
            {
                squares[b].Add(blocks[b].Weights.Sum(_ => SquaredNorm(gradients[at++])));
            }
        }

        return [.. squares.Select(Estimate.Of)];
    }

    private static double SquaredNorm(Tensor gradient) => gradient.pow(2).sum(ScalarType.Float64).item<double>();
}
