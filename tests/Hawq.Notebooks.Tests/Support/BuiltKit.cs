namespace Hawq.Notebooks.Tests;

/// <summary>The kit that notebooks load, and the notebooks and pictures that come with the repository, found from the tests' own folder upwards.</summary>
internal static class BuiltKit
{
    public static string Path { get; } = System.IO.Path.Combine(Root(), "dist", "Hawq.Kit.dll");

    public static string Notebooks { get; } = System.IO.Path.Combine(Root(), "notebooks");

    public static string Pictures { get; } = System.IO.Path.Combine(Root(), "tests", "Hawq.Kit.Tests", "Fixtures", "cifar10-train-256.bin");

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder.Parent is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "Hawq.Kit.sln")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }
}
