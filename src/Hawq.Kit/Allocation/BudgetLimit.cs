namespace Hawq.Kit;

/// <summary>One linear limit: Σ load ≤ bound.</summary>
/// <param name="Name">The limit in words.</param>
/// <param name="Unit">The unit that is reported.</param>
/// <param name="PerUnit">Loads in a unit, so that loads that are whole numbers (bits, bit operations) stay exact.</param>
/// <param name="Units">The bound in units.</param>
/// <param name="Load">Load of a block of the table at the k-th bit width.</param>
internal sealed record BudgetLimit(
    string Name, string Unit, Func<SensitivityTable, double> PerUnit, double Units, Func<SensitivityTable, int, int, double> Load)
{
    private bool IsAverage { get; init; }

    public static BudgetLimit BitsPerWeight(string name, double bits) =>
        new(name, "bits a weight", table => WeightCount(table), bits, WeightBits) { IsAverage = true };

    public static BudgetLimit Size(string name, double mebibytes) => new(name, "MiB", _ => 8 * (1 << 20), mebibytes, WeightBits);

    public static BudgetLimit BitOperations(string name, double gigaBitOperations) =>
        new(name, "GBOPs", _ => 1e9, gigaBitOperations, (table, block, k) => table.BitOperations(block, k)
            ?? throw new ArgumentException(
                $"\"{name}\" needs the MACs of block \"{table.Blocks[block].Block.Name}\", which the table lacks; " +
                "call table.WithMultiplyAccumulates(network.MultiplyAccumulates(3, 32, 32)) before Allocate.", nameof(table)));

    public static BudgetLimit Latency(string name, double milliseconds) =>
        new(name, "ms", _ => 1, milliseconds, (table, block, k) => table.Blocks[block].Milliseconds?[k]
            ?? throw new ArgumentException(
                $"\"{name}\" needs the latency of block \"{table.Blocks[block].Block.Name}\", which the table lacks; " +
                "call table.WithLatency(latencies) before Allocate.", nameof(table)));

    /// <summary>The bound as a load, with a hair for rounding.</summary>
    public double Bound(SensitivityTable table) => Units * PerUnit(table) * (1 + 1e-12);

    /// <summary>A load that can be asked for, as the user would say it: rounded to the safe side.</summary>
    public string Describe(SensitivityTable table, double load)
    {
        var units = load / PerUnit(table);
        var step = Math.Pow(10, Math.Floor(Math.Log10(units)) - 4);
        var text = FormattableString.Invariant($"{Math.Ceiling((units / step) - 1e-6) * step:G6} {Unit}");
        return IsAverage ? text + FormattableString.Invariant($" (W-Comp {Math.Floor((3200 / units) + 1e-6) / 100:F2}×)") : text;
    }

    private static long WeightCount(SensitivityTable table) => table.Blocks.Sum(block => block.Block.WeightCount);

    private static double WeightBits(SensitivityTable table, int block, int k) => table.Bits[k].Value * table.Blocks[block].Block.WeightCount;
}
