using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Hawq.Kit.Benchmarks;

/// <summary>A number that the table promises.</summary>
/// <param name="Name">What is divided by what.</param>
/// <param name="Value">The ratio.</param>
/// <param name="Expected">E.g. "≥ 10".</param>
/// <param name="Holds">Whether it is.</param>
internal sealed record Ratio(string Name, double Value, string Expected, bool Holds)
{
    public static Ratio AtLeast(string name, double value, double bound) => new(name, value, FormattableString.Invariant($"≥ {bound}"), value >= bound);

    public static Ratio AtMost(string name, double value, double bound) => new(name, value, FormattableString.Invariant($"≤ {bound}"), value <= bound);
}

/// <summary>What was measured, on what; written as JSON into <c>benchmarks/results/</c>.</summary>
/// <param name="Benchmark">Name of the sub-command.</param>
/// <param name="Settings">The work in words.</param>
/// <param name="Timings">One a contestant.</param>
/// <param name="Ratios">The promises.</param>
/// <param name="Facts">Further numbers, by name.</param>
internal sealed record BenchmarkResult(
    string Benchmark, string Settings, IReadOnlyList<Timing> Timings, IReadOnlyList<Ratio> Ratios, IReadOnlyDictionary<string, object> Facts)
{
    private static readonly JsonSerializerOptions Style = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Prints the ratios and writes the file; a quick run has its own name, and so have CPUs without 512-bit registers.</summary>
    public void Write(BenchmarkOptions options)
    {
        foreach (var ratio in Ratios)
        {
            Console.WriteLine(FormattableString.Invariant($"{(ratio.Holds ? "ok " : "OFF")}  {ratio.Name}: {ratio.Value:G4} (expected {ratio.Expected})"));
        }

        var folder = Directory.CreateDirectory(Path.Combine(BenchmarkOptions.Root, "benchmarks", "results")).FullName;
        var path = Path.Combine(folder, $"{Benchmark}{(WidestRegister.Bits < 512 ? $".{WidestRegister.Bits}-bit" : "")}{(options.Quick ? ".quick" : "")}.json");
        var card = new { Benchmark, Settings, Machine = MachineFacts.Read(options), options.Rounds, Timings, Ratios, Facts };
        AtomicFile.Write(path, [.. JsonSerializer.SerializeToUtf8Bytes(card, Style), (byte)'\n']);
        Console.WriteLine($"written to {Path.GetRelativePath(BenchmarkOptions.Root, path)}");
    }
}
