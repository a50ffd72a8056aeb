namespace Hawq.Notebooks.Tests.Browser;

/// <summary>A test that is skipped, with the reason, where Jupyter's classic Notebook or a browser is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserFactAttribute : FactAttribute
{
    public const string Chromium = "/usr/bin/chromium";
    public const string Python = "/usr/bin/python3";
    private const string Jupyter = "/usr/bin/jupyter-notebook";

    public BrowserFactAttribute() => Skip = Missing;

    /// <summary>What this machine lacks, or <see langword="null"/>.</summary>
    public static string? Missing { get; } = new[] { Chromium, Python, Jupyter }.FirstOrDefault(path => !File.Exists(path)) is { } path
        ? $"{path} is missing; on Debian: apt-get install chromium jupyter-notebook"
        : File.Exists(BuiltKit.Path) ? null : $"{BuiltKit.Path} is missing; build src/Hawq.Kit";
}
