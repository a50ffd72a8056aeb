using System.ComponentModel;
using System.Diagnostics;
using System.Security;
using System.Text.RegularExpressions;
using Hawq.Kit;

namespace Hawq.Notebooks;

/// <summary>Fetches packages that a notebook asks for with <c>#r "nuget:…"</c>, with the SDK and the user's own NuGet settings.</summary>
internal sealed partial class PackageRestore
{
    private readonly List<string> _sources = [];

    /// <summary>Longest time for a package, the wait for another notebook that restores the same one included.</summary>
    /// <value>Half an hour: packages with native libraries have gigabytes.</value>
    public TimeSpan Limit { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Where restored packages stay from run to run.</summary>
    /// <value>A folder of the user's.</value>
    public string Cache { get; init; } = Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "hawq", "packages");

    /// <summary>Adds a place to look for packages, as <c>#i "nuget:SOURCE"</c> asks.</summary>
    /// <param name="source">An address, or an absolute folder.</param>
    /// <exception cref="NotebookException">It is neither.</exception>
    public void AddSource(string source)
    {
        var isSource = Path.IsPathFullyQualified(source) || (Uri.TryCreate(source, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http");
        _sources.Add(isSource ? source : throw new NotebookException($"#i \"nuget:{source}\": expected an address (https://…) or an absolute folder."));
    }

    /// <summary>Checks that a package is named as one.</summary>
    /// <exception cref="NotebookException">The id or the version has other characters, for example a path's.</exception>
    public static void Check(string name, string version)
    {
        if (!PartPattern().IsMatch(name) || (version.Length > 0 && !PartPattern().IsMatch(version)))
        {
            throw new NotebookException($"{Directive(name, version)}: expected a package id and a version of letters, digits, dots and hyphens. Correct them.");
        }
    }

    /// <summary>The package's assemblies with those that it depends on; kept in the user's cache from run to run.</summary>
    /// <param name="name">Package id.</param>
    /// <param name="version">Its version, or nothing for the newest.</param>
    /// <exception cref="NotebookException">It is no package's name, there is no such package, or no SDK, or it took too long.</exception>
    /// <exception cref="OperationCanceledException">The cell was interrupted.</exception>
    public IReadOnlyList<string> Assemblies(string name, string version)
    {
        Check(name, version);
        var folder = Path.Combine(Cache, version.Length > 0 ? $"{name}-{version}" : name);
        Directory.CreateDirectory(folder);
        var interrupted = Host.Cancellation;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(interrupted);
        ended.CancelAfter(Limit);
        try
        {
            return Restored(name, version, folder, ended.Token);
        }
        catch (OperationCanceledException) when (!interrupted.IsCancellationRequested)
        {
            throw new NotebookException(
                $"{Directive(name, version)} was not restored within {Limit.TotalMinutes:0.##} minutes. Expected its sources to deliver it by then, and no other notebook " +
                $"to hold {LockIn(folder)} for so long. Look whether the network is slow, or a notebook that restores the same package hangs, and run the cell again.");
        }
    }

    private static string LockIn(string folder) => Path.Combine(folder, "lock");

    private static string Directive(string name, string version) => $"#r \"nuget:{name}{(version.Length > 0 ? ", " + version : "")}\"";

    private string[] Restored(string name, string version, string folder, CancellationToken cancellation)
    {
        var done = Path.Combine(folder, "restored");
        using var alone = FileLock.Take(LockIn(folder), cancellation); // another notebook may ask for the same package now
        if (!File.Exists(done) || version.Length == 0)
        {
            Restore(name, version, folder, cancellation);
            File.WriteAllText(done, "");
        }

        return [.. Directory.EnumerateFiles(Path.Combine(folder, "out"), "*.dll").Where(path => Path.GetFileName(path) != "restored.dll").Order(StringComparer.Ordinal)];
    }

    private void Restore(string name, string version, string folder, CancellationToken cancellation)
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
        var text = ChildProcess.Finish(process, cancellation);
        if (process.ExitCode != 0)
        {
            throw new NotebookException(
                $"{Directive(name, version)} does not resolve: {Reason(text)} " +
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
