namespace Hawq.Kit.Benchmarks;

/// <summary>One row of the speed table: a sub-command.</summary>
internal abstract class Benchmark
{
    /// <summary>The sub-command, and the name of the result file.</summary>
    public abstract string Name { get; }

    /// <summary>One line for the usage text.</summary>
    public abstract string Description { get; }

    /// <summary>Measures.</summary>
    public abstract BenchmarkResult Run(BenchmarkOptions options);
}
