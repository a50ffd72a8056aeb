namespace Hawq.Kit.Benchmarks;

/// <summary>What the command line says.</summary>
/// <param name="Rounds">How often the contestants alternate.</param>
/// <param name="Threads">Threads of libtorch, here and in Python.</param>
/// <param name="Python">The interpreter of the yardsticks.</param>
/// <param name="Quick">A small size: does it run, not how fast is it.</param>
internal sealed record BenchmarkOptions(int Rounds, int Threads, string Python, bool Quick)
{
    /// <summary>The repository, from the program's own folder upwards.</summary>
    public static string Root { get; } = FindRoot();

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
