using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Hawq.Kit.Benchmarks;

/// <summary>Runs a script of <c>benchmarks/pytorch</c>; the last line that it prints is a JSON object with "seconds".</summary>
internal static class PythonYardstick
{
    public static JsonElement Run(BenchmarkOptions options, string script, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(options.Python, [Path.Combine("benchmarks", "pytorch", script), .. arguments])
        {
            WorkingDirectory = BenchmarkOptions.Root,
            RedirectStandardOutput = true,
        };
        var threads = options.Threads.ToString(CultureInfo.InvariantCulture);
        (start.Environment["OMP_NUM_THREADS"], start.Environment["MKL_NUM_THREADS"]) = (threads, threads);
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
}
