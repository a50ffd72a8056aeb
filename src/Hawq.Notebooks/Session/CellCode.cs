using System.Text.RegularExpressions;

namespace Hawq.Notebooks;

/// <summary>A cell's code with its directives carried out or checked, line numbers kept.</summary>
internal static partial class CellCode
{
    /// <summary>Rewrites a cell for the script compiler.</summary>
    /// <param name="source">The cell.</param>
    /// <param name="folder">The notebook's folder, against which paths are resolved.</param>
    /// <param name="packages">Where packages come from that neither the kit nor the engine carries.</param>
    /// <returns>C# script; whether <c>#!time</c> asked for the time.</returns>
    /// <exception cref="NotebookException">A directive is unknown, or names a file or package that is not there, or a notebook that imports itself.</exception>
    public static (string Code, bool Timed) Prepare(string source, string folder, PackageRestore packages) => Prepare(source, folder, packages, []);

    private static (string Code, bool Timed) Prepare(string source, string folder, PackageRestore packages, IReadOnlyList<string> importing)
    {
        var lines = source.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n');
        var timed = false;
        for (var k = 0; k < lines.Length; k++)
        {
            var line = lines[k].Trim();
            if (line == "#!time")
            {
                (lines[k], timed) = ("", true);
            }
            else if (line.StartsWith("#!import", StringComparison.Ordinal))
            {
                lines[k] = Import(line["#!import".Length..].Trim().Trim('"'), k + 1, folder, packages, importing) + $"\n#line {k + 2}";
            }
            else if (line.StartsWith("#!", StringComparison.Ordinal) && line is not "#!csharp")
            {
                throw new NotebookException($"line {k + 1}: unknown directive \"{line}\"; known are #r, #i, #load, #!import, #!time.");
            }
            else
            {
                lines[k] = line == "#!csharp" ? "" : Reference(lines[k], k + 1, folder, packages);
            }
        }

        return (string.Join('\n', lines), timed);
    }

    private static string Reference(string line, int number, string folder, PackageRestore packages)
    {
        var source = SourcePattern().Match(line);
        if (source.Success)
        {
            packages.AddSource(source.Groups["source"].Value);
            return "";
        }

        var match = ReferencePattern().Match(line);
        if (!match.Success)
        {
            return line;
        }

        var target = match.Groups["target"].Value;
        if (target.StartsWith("nuget:", StringComparison.OrdinalIgnoreCase))
        {
            var parts = target["nuget:".Length..].Split(',', 2, StringSplitOptions.TrimEntries);
            return References(parts[0], parts.Length > 1 ? parts[1] : "", number, packages);
        }

        var path = Path.GetFullPath(target, folder);
        return File.Exists(path) ? line : throw new NotebookException(
            $"line {number}: #r \"{target}\" does not resolve: there is no file {target} beside the notebook. Build the kit first (dotnet build), or correct the path.");
    }

    /// <summary>A package is served from what the loaded kit and the engine carry, so that there is one copy of each; else it is restored.</summary>
    private static string References(string package, string version, int number, PackageRestore packages)
    {
        var loaded = AppDomain.CurrentDomain.GetAssemblies().Where(a => !a.IsDynamic && a.Location.Length > 0).Select(a => Path.GetDirectoryName(a.Location)!);
        var folders = loaded.Append(AppContext.BaseDirectory).Distinct().ToList();
        var carried = folders.Select(folder => Path.Combine(folder, package + ".dll")).FirstOrDefault(File.Exists);
        var paths = carried is not null ? [carried] : Restored(package, version, number, packages)
            .Where(path => !folders.Exists(folder => File.Exists(Path.Combine(folder, Path.GetFileName(path)))));
        return string.Join('\n', paths.Select(path => $"#r \"{path}\"")) + $"\n#line {number + 1}"; // errors below keep their line numbers
    }

    private static IReadOnlyList<string> Restored(string package, string version, int number, PackageRestore packages)
    {
        try
        {
            return packages.Assemblies(package, version);
        }
        catch (NotebookException error)
        {
            throw new NotebookException($"line {number}: {error.Message}");
        }
    }

    private static string Import(string target, int number, string folder, PackageRestore packages, IReadOnlyList<string> importing)
    {
        var path = Path.GetFullPath(target, folder);
        if (!File.Exists(path))
        {
            throw new NotebookException($"line {number}: #!import {target} does not resolve: there is no such file beside the notebook.");
        }

        if (!path.EndsWith(".ipynb", StringComparison.OrdinalIgnoreCase))
        {
            return $"#load \"{path}\"";
        }

        if (importing.Contains(path))
        {
            throw new NotebookException($"line {number}: #!import {target} leads back to itself: {string.Join(" imports ", importing.Append(path).Select(Path.GetFileName))}. Move what both need into a third notebook.");
        }

        var cells = NotebookFile.Read(path).Cells.Where(cell => cell.IsCode && cell.Language == "csharp");
        return string.Join('\n', cells.Select(cell => Prepare(cell.Source, Path.GetDirectoryName(path)!, packages, [.. importing, path]).Code + "\n;"));
    }

    [GeneratedRegex("""^\s*#r\s+"(?<target>[^"]+)"\s*$""")]
    private static partial Regex ReferencePattern();

    [GeneratedRegex("""^\s*#i\s+"nuget:\s*(?<source>[^"]+)"\s*$""")]
    private static partial Regex SourcePattern();
}
