using System.Globalization;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Hawq.Kit.Benchmarks;

/// <summary>What a timing depends on besides the program.</summary>
internal sealed record MachineFacts(
    string Processor, int Cores, int Threads, double MemoryGigabytes, string System, string Runtime, string TorchSharp, string Kit, double Load, string Date)
{
    public static MachineFacts Read(BenchmarkOptions options) => new(
        Field("/proc/cpuinfo", "model name"),
        Environment.ProcessorCount,
        options.Threads,
        Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9, 1),
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        Version(typeof(torch)),
        Version(typeof(Network)),
        double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture),
        DateTimeOffset.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture));

    /// <summary>Most memory that this process had at once, in bytes, since <see cref="ForgetPeak"/>.</summary>
    public static long PeakMemory() => long.Parse(Field("/proc/self/status", "VmHWM").Split(' ')[0], CultureInfo.InvariantCulture) * 1024;

    /// <summary>Memory of this process now, in bytes.</summary>
    public static long Memory() => long.Parse(Field("/proc/self/status", "VmRSS").Split(' ')[0], CultureInfo.InvariantCulture) * 1024;

    /// <summary>The peak is counted anew from here.</summary>
    public static void ForgetPeak() => File.WriteAllText("/proc/self/clear_refs", "5");

    private static string Field(string file, string name) =>
        File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown";

    private static string Version(Type type) => type.Assembly.GetName().Version!.ToString(3);
}
