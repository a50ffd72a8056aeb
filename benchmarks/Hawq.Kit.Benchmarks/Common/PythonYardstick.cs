using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Hawq.Kit.Benchmarks;

/// <summary>A script of <c>benchmarks/pytorch</c> as a contestant; the last line that it prints is a JSON object with "seconds", by its own clock.</summary>
internal static class PythonYardstick
{
    /// <summary>glibc's malloc as the kit sets it for its own process: large blocks stay.</summary>
    private static readonly (string Name, string Value)[] TunedMalloc =
        [("MALLOC_MMAP_THRESHOLD_", "1073741824"), ("MALLOC_TRIM_THRESHOLD_", "1073741824"), ("MALLOC_TOP_PAD_", "67108864")];

    /// <summary>PyTorch as it is installed.</summary>
    public static Contestant Contestant(string name, BenchmarkOptions options, string script, params IReadOnlyList<string> arguments) =>
        new(name, () => Seconds(options, script, arguments, []));

    /// <summary>PyTorch under the kit's malloc settings: compares the libraries rather than the allocators.</summary>
    public static Contestant WithTunedMalloc(string name, BenchmarkOptions options, string script, params IReadOnlyList<string> arguments) =>
        new(name, () => Seconds(options, script, arguments, TunedMalloc));

    private static double Seconds(
        BenchmarkOptions options, string script, IReadOnlyList<string> arguments, (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(options.Python, [Path.Combine("benchmarks", "pytorch", script), .. arguments])
        {
            WorkingDirectory = BenchmarkOptions.Root,
            RedirectStandardOutput = true,
        };
        var threads = options.Threads.ToString(CultureInfo.InvariantCulture);
        foreach (var (name, value) in environment.Append(("OMP_NUM_THREADS", threads)).Append(("MKL_NUM_THREADS", threads)))
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        return process.ExitCode == 0 && lines.Length > 0
            ? JsonDocument.Parse(lines[^1]).RootElement.GetProperty("seconds").GetDouble()
            : throw new InvalidOperationException($"{options.Python} {script} ended with code {process.ExitCode}; it needs torch (Debian: python3-torch).");
    }
}
