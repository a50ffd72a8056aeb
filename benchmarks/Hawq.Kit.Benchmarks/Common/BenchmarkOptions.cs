using System.Globalization;

namespace Hawq.Kit.Benchmarks;

/// <summary>What the command line says.</summary>
/// <param name="Benchmark">Name of the sub-command.</param>
/// <param name="Rounds">How often the contestants alternate.</param>
/// <param name="Threads">Threads of libtorch, here and in Python.</param>
/// <param name="Python">The interpreter of the yardsticks.</param>
/// <param name="Quick">A small size: does it run, not how fast is it.</param>
internal sealed record BenchmarkOptions(string Benchmark, int Rounds, int Threads, string Python, bool Quick)
{
    public const string Usage =
        "usage: dotnet run --project benchmarks/Hawq.Kit.Benchmarks -- NAME [--rounds 3] [--threads 1] [--python python3] [--quick]";

    /// <summary>The repository, from the program's own folder upwards.</summary>
    public static string Root { get; } = FindRoot();

    public static BenchmarkOptions? Parse(string[] args)
    {
        if (args.Length == 0)
        {
            return null;
        }

        var options = new BenchmarkOptions(args[0], 3, 1, "python3", false);
        for (var k = 1; k < args.Length; k++)
        {
            var value = k + 1 < args.Length ? args[k + 1] : "";
            switch (args[k])
            {
                case "--quick": options = options with { Quick = true }; continue;
                case "--rounds": options = options with { Rounds = Positive(value) }; break;
                case "--threads": options = options with { Threads = Positive(value) }; break;
                case "--python": options = options with { Python = value }; break;
                default: return null;
            }

            k++;
        }

        return options;
    }

    private static int Positive(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new ArgumentException($"Received \"{text}\"; expected a whole number from 1 on.");

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Hawq.Kit.sln")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }
}
