using System.Globalization;
using System.Runtime.InteropServices;

namespace Hawq.Kit.Benchmarks;

/// <summary>What a timing depends on besides the program.</summary>
internal sealed record MachineFacts(
    string Processor, int VectorBits, int Cores, int Threads, double MemoryGigabytes, string System, string Runtime, string TorchSharp, string Kit, double Load, string Date)
{
    public static MachineFacts Read(BenchmarkOptions options) => new(
        Field("/proc/cpuinfo", "model name"),
        WidestRegister.Bits,
        Environment.ProcessorCount,
        options.Threads,
        Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9, 1),
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        LibraryVersion.TorchSharp,
        LibraryVersion.Kit,
        double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture),
        DateTimeOffset.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture));

    private static string Field(string file, string name) =>
        File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown";
}
