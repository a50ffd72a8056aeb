using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Hawq.Kit.Benchmarks;

/// <summary>Runs a script of <c>benchmarks/pytorch</c>; the last line that it prints is a JSON object with "seconds".</summary>
internal static class PythonYardstick
{
    /// <summary>glibc's malloc as the kit sets it for its own process: large blocks stay.</summary>
    private static readonly (string Name, string Value)[] TunedMalloc =
        [("MALLOC_MMAP_THRESHOLD_", "1073741824"), ("MALLOC_TRIM_THRESHOLD_", "1073741824"), ("MALLOC_TOP_PAD_", "67108864")];

    public static JsonElement Run(BenchmarkOptions options, string script, params IEnumerable<string> arguments) => Run(options, script, [], arguments);

    private static JsonElement Run(BenchmarkOptions options, string script, (string Name, string Value)[] environment, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(options.Python, [Path.Combine("benchmarks", "pytorch", script), .. arguments])
        {
            WorkingDirectory = BenchmarkOptions.Root,
            RedirectStandardOutput = true,
        };
        var threads = options.Threads.ToString(CultureInfo.InvariantCulture);
        (start.Environment["OMP_NUM_THREADS"], start.Environment["MKL_NUM_THREADS"]) = (threads, threads);
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        return process.ExitCode == 0 && lines.Length > 0
            ? JsonDocument.Parse(lines[^1]).RootElement
            : throw new InvalidOperationException($"{options.Python} {script} ended with code {process.ExitCode}; it needs torch (Debian: python3-torch).");
    }

    /// <summary>The script's own clock, without the start of Python.</summary>
    public static Contestant Contestant(string name, BenchmarkOptions options, string script, params IReadOnlyList<string> arguments) =>
        new(name, () => Run(options, script, arguments).GetProperty("seconds").GetDouble());

    /// <summary>As <see cref="Contestant"/>, for a fairer comparison of the libraries than of the allocators.</summary>
    public static Contestant ContestantWithTunedMalloc(string name, BenchmarkOptions options, string script, params IReadOnlyList<string> arguments) =>
        new(name, () => Run(options, script, TunedMalloc, arguments).GetProperty("seconds").GetDouble());
}
