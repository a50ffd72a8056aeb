using System.Text.Json;

namespace Hawq.Kit.Benchmarks;

/// <summary>Counts that do not depend on the machine's speed and take long to make: kept in <c>benchmarks/results</c>, made anew if the work is another.</summary>
/// <param name="Work">What was counted, in words.</param>
/// <param name="Blocks">One row a block.</param>
internal sealed record KeptCounts(string Work, IReadOnlyList<KeptCounts.Row> Blocks)
{
    private static readonly JsonSerializerOptions Style = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>A block's counts, and its number by the yardstick.</summary>
    internal sealed record Row(string Block, double Value, double Error, IReadOnlyDictionary<string, int> Products);

    /// <summary>Products over all blocks.</summary>
    public int Total(string rule) => Blocks.Sum(block => block.Products[rule]);

    public static KeptCounts Of(string name, string work, Func<IReadOnlyList<Row>> count)
    {
        var path = Path.Combine(BenchmarkOptions.Root, "benchmarks", "results", $"{name}.json");
        if (File.Exists(path) && JsonSerializer.Deserialize<KeptCounts>(File.ReadAllText(path), Style) is { } kept && kept.Work == work)
        {
            return kept;
        }

        var counts = new KeptCounts(work, count());
        AtomicFile.Write(path, [.. JsonSerializer.SerializeToUtf8Bytes(counts, Style), (byte)'\n']);
        return counts;
    }
}
