namespace Hawq.Notebooks;

/// <summary>Where Jupyter looks for kernels; its own rules.</summary>
internal static class KernelFolders
{
    /// <summary>The user's folder, or the one below a prefix such as a Python environment.</summary>
    /// <param name="prefix">Prefix, or <see langword="null"/> for the user.</param>
    public static string Of(string? prefix) =>
        prefix is null ? Path.Combine(UserData(), "kernels") : Path.Combine(Path.GetFullPath(prefix), "share", "jupyter", "kernels");

    /// <summary>All folders that Jupyter searches outside Python environments, first match first.</summary>
    public static IEnumerable<string> All()
    {
        var given = (Environment.GetEnvironmentVariable("JUPYTER_PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var machine = OperatingSystem.IsWindows()
            ? [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "jupyter")]
            : new[] { "/usr/local/share/jupyter", "/usr/share/jupyter" };
        return given.Append(UserData()).Concat(machine).Select(folder => Path.Combine(folder, "kernels")).Distinct();
    }

    private static string UserData()
    {
        if (Variable("JUPYTER_DATA_DIR") is { } given)
        {
            return Path.GetFullPath(given);
        }

        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Jupyter")
            : OperatingSystem.IsWindows() ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "jupyter")
            : Path.Combine(Variable("XDG_DATA_HOME") ?? Path.Combine(home, ".local", "share"), "jupyter");
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
