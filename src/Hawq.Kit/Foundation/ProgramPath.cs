namespace Hawq.Kit;

/// <summary>Finds programs by PATH alone. .NET looks into the current folder before it, where a notebook lies with what came along.</summary>
internal static class ProgramPath
{
    /// <summary>Full path of a program, or <see langword="null"/> where it is not installed.</summary>
    /// <param name="program">Its file name, with its extension where it has one.</param>
    public static string? Find(string program) => Find(program, Environment.GetEnvironmentVariable("PATH") ?? "");

    /// <param name="program">As of <see cref="Find(string)"/>.</param>
    /// <param name="folders">Where to look, as PATH lists it; entries that depend on the current folder are passed over.</param>
    public static string? Find(string program, string folders) => folders.Split(Path.PathSeparator)
        .Where(folder => Path.IsPathFullyQualified(folder)).Select(folder => Path.Combine(folder, program)).FirstOrDefault(path => File.Exists(path));
}
