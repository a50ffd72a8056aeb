using System.ComponentModel;
using System.Diagnostics;
using System.Security;
using System.Text.RegularExpressions;

namespace Hawq.Notebooks;

/// <summary>Fetches packages that a notebook asks for with <c>#r "nuget:…"</c>, with the SDK and the user's own NuGet settings.</summary>
internal sealed partial class PackageRestore
{
    private readonly List<string> _sources = [];

    /// <summary>Adds a place to look for packages, as <c>#i "nuget:SOURCE"</c> asks.</summary>
    /// <param name="source">An address, or an absolute folder.</param>
    /// <exception cref="NotebookException">It is neither.</exception>
    public void AddSource(string source)
    {
        var isSource = Path.IsPathFullyQualified(source) || (Uri.TryCreate(source, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http");
        _sources.Add(isSource ? source : throw new NotebookException($"#i \"nuget:{source}\": expected an address (https://…) or an absolute folder."));
    }

    /// <summary>The package's assemblies with those that it depends on; kept in the user's cache from run to run.</summary>
    /// <param name="name">Package id.</param>
    /// <param name="version">Its version, or nothing for the newest.</param>
    /// <exception cref="NotebookException">There is no such package, or no SDK.</exception>
    public IReadOnlyList<string> Assemblies(string name, string version)
    {
        if (!PartPattern().IsMatch(name) || (version.Length > 0 && !PartPattern().IsMatch(version)))
        {
            throw new NotebookException($"#r \"nuget:{name}, {version}\": expected a package id and a version of letters, digits, dots and hyphens.");
        }

        var cache = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create);
        var folder = Path.Combine(cache, "hawq", "packages", version.Length > 0 ? $"{name}-{version}" : name);
        var done = Path.Combine(folder, "restored");
        Directory.CreateDirectory(folder);
        using var alone = Lock(Path.Combine(folder, "lock")); // another notebook may ask for the same package now
        if (!File.Exists(done) || version.Length == 0)
        {
            Restore(name, version, folder);
            File.WriteAllText(done, "");
        }

        return [.. Directory.EnumerateFiles(Path.Combine(folder, "out"), "*.dll").Where(path => Path.GetFileName(path) != "restored.dll").Order(StringComparer.Ordinal)];
    }

    private static FileStream Lock(string path)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                Thread.Sleep(100);
            }
        }
    }

    private void Restore(string name, string version, string folder)
    {
        File.WriteAllText(Path.Combine(folder, "restored.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <CopyLocalLockFileAssemblies>true</CopyLocalLockFileAssemblies>
                <UseCurrentRuntimeIdentifier>true</UseCurrentRuntimeIdentifier>
                <SelfContained>false</SelfContained>
                <RestoreAdditionalProjectSources>{SecurityElement.Escape(string.Join(';', _sources))}</RestoreAdditionalProjectSources>
              </PropertyGroup>
              <ItemGroup><PackageReference Include="{name}" Version="{(version.Length > 0 ? version : "*")}" /></ItemGroup>
            </Project>
            """);
        var start = new ProcessStartInfo("dotnet", ["build", Path.Combine(folder, "restored.csproj"), "--output", Path.Combine(folder, "out"), "--nologo", "-v", "quiet"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        using var process = Started(start);
        var error = process.StandardError.ReadToEndAsync();
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new NotebookException(
                $"#r \"nuget:{name}{(version.Length > 0 ? ", " + version : "")}\" does not resolve: {Reason(text + error.Result)} " +
                "Expected the id and version of a package that a source has. Correct them, name another source with #i \"nuget:SOURCE\", or look whether the network is there.");
        }
    }

    /// <summary>The SDK's first error, without the project's path, which is ours and tells the user nothing.</summary>
    private static string Reason(string text) =>
        ErrorPattern().Match(text) is { Success: true } found ? $"{found.Groups["what"].Value.TrimEnd('.')} ({found.Groups["code"].Value})." : text.Trim();

    private static Process Started(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception error)
        {
            throw new NotebookException($"Packages need the .NET SDK, but \"dotnet\" does not start ({error.Message}). Install the SDK, and put its folder on the PATH.");
        }
    }

    [GeneratedRegex("""error (?<code>[A-Z]+\d+): (?<what>.*?)(?: \[[^\]\n]*proj\])?\r?$""", RegexOptions.Multiline)]
    private static partial Regex ErrorPattern();

    [GeneratedRegex("""^[A-Za-z0-9][\w.-]*$""")]
    private static partial Regex PartPattern();
}
