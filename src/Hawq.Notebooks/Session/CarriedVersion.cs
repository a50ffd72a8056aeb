using System.Text.Json;

namespace Hawq.Notebooks;

/// <summary>The version of a package whose files lie in a folder, as the list of dependencies there tells; an assembly's own version is often another.</summary>
internal static class CarriedVersion
{
    /// <summary>The version, or <see langword="null"/> where no list tells it.</summary>
    /// <param name="package">The package's id.</param>
    /// <param name="folder">A folder with a program or a library.</param>
    public static string? Of(string package, string folder) => Directory.EnumerateFiles(folder, "*.deps.json").SelectMany(Libraries)
        .FirstOrDefault(library => library.StartsWith(package + "/", StringComparison.OrdinalIgnoreCase))?[(package.Length + 1)..];

    /// <summary>Whether two versions are the same, also where one is written with fewer zeros.</summary>
    public static bool AreSame(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase)
        || (Version.TryParse(one, out var first) && Version.TryParse(other, out var second) && Parts(first) == Parts(second));

    private static (int Major, int Minor, int Build, int Revision) Parts(Version version) =>
        (version.Major, version.Minor, Math.Max(0, version.Build), Math.Max(0, version.Revision));

    private static IEnumerable<string> Libraries(string path)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllText(path));
            return [.. json.RootElement.GetProperty("libraries").EnumerateObject().Select(library => library.Name)];
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or IOException)
        {
            return []; // no list as the SDK writes it: then nothing is told
        }
    }
}
