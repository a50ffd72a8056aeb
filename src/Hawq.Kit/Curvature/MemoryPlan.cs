namespace Hawq.Kit;

/// <summary>How batches are cut and how many graphs are kept.</summary>
/// <param name="BatchSize">Most samples of a batch.</param>
/// <param name="KeptBatches">How many batches' graphs stay in memory.</param>
/// <param name="Bytes">Most bytes that graphs and a product take at once.</param>
internal sealed record MemoryPlan(long BatchSize, int KeptBatches, long Bytes)
{
    private const long SmallestEfficient = 16; // below it, the fixed cost of a layer's call outweighs its arithmetic

    /// <summary>The cut that keeps most samples' graphs within a number of bytes; among equals the largest batches.</summary>
    /// <exception cref="InvalidOperationException">Not even one sample fits.</exception>
    public static MemoryPlan Within(long bytes, EmpiricalRisk risk, GraphMemory memory)
    {
        var fitting = Halvings(risk.Batches.Max(batch => batch.Size)).Select(size => Keeping(size, bytes, risk, memory))
            .OfType<MemoryPlan>().ToList();
        return fitting.OrderByDescending(plan => plan.BatchSize >= SmallestEfficient)
            .ThenByDescending(plan => Math.Min(risk.Samples, plan.KeptBatches * plan.BatchSize)).FirstOrDefault()
            ?? throw new InvalidOperationException(
                FormattableString.Invariant($"WithinMemory received {bytes:N0} bytes; a Hessian product of a single sample needs about ") +
                FormattableString.Invariant($"{memory.Graph(1) + memory.Passing(1):N0}. Allow more."));
    }

    private static MemoryPlan? Keeping(long size, long bytes, EmpiricalRisk risk, GraphMemory memory)
    {
        var count = (int)risk.Batches.Sum(batch => (batch.Size + size - 1) / size);
        var fits = (int)Math.Min(count, (bytes - memory.Passing(size)) / memory.Graph(size));
        if (bytes < memory.Passing(size) + memory.Graph(size))
        {
            return null;
        }

        var kept = fits == count ? count : fits - 1;                                        // one place for the graph that is built anew
        return new MemoryPlan(size, kept, Peak(size, kept, count, memory));
    }

    /// <summary>Most bytes at once with so many of the graphs kept.</summary>
    public static long Peak(long size, int kept, int count, GraphMemory memory) =>
        memory.Passing(size) + ((kept + (kept < count ? 1 : 0)) * memory.Graph(size));

    private static IEnumerable<long> Halvings(long size)
    {
        for (; size > 1; size = (size + 1) / 2)
        {
            yield return size;
        }

        yield return 1;
    }
}
