using System.Text.RegularExpressions;

namespace Hawq.Notebooks;

/// <summary>A cell's code with its directives carried out or checked, line numbers kept.</summary>
internal static partial class CellCode
{
    /// <summary>Rewrites a cell for the script compiler.</summary>
    /// <param name="source">The cell.</param>
    /// <param name="folder">The notebook's folder, against which paths are resolved.</param>
    /// <returns>C# script; whether <c>#!time</c> asked for the time.</returns>
    /// <exception cref="NotebookException">A directive is unknown, or names a file or package that is not there.</exception>
    public static (string Code, bool Timed) Prepare(string source, string folder)
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
                lines[k] = Import(line["#!import".Length..].Trim().Trim('"'), folder);
            }
            else if (line.StartsWith("#!", StringComparison.Ordinal) && line is not "#!csharp")
            {
                throw new NotebookException($"line {k + 1}: unknown directive \"{line}\"; known are #r, #load, #!import, #!time.");
            }
            else
            {
                lines[k] = line == "#!csharp" ? "" : Reference(lines[k], k + 1, folder);
            }
        }

        return (string.Join('\n', lines), timed);
    }

    private static string Reference(string line, int number, string folder)
    {
        var match = ReferencePattern().Match(line);
        if (!match.Success)
        {
            return line;
        }

        var target = match.Groups["target"].Value;
        if (target.StartsWith("nuget:", StringComparison.OrdinalIgnoreCase))
        {
            return $"#r \"{Carried(target["nuget:".Length..].Split(',')[0].Trim(), number)}\"";
        }

        var path = Path.GetFullPath(target, folder);
        return File.Exists(path) ? line : throw new NotebookException(
            $"line {number}: #r \"{target}\" does not resolve: there is no file {target} beside the notebook. Build the kit first (dotnet build), or correct the path.");
    }

    /// <summary>A package is served from what the loaded kit and the engine carry; nothing is downloaded while a notebook runs.</summary>
    private static string Carried(string package, int number)
    {
        var loaded = AppDomain.CurrentDomain.GetAssemblies().Where(a => !a.IsDynamic && a.Location.Length > 0).Select(a => Path.GetDirectoryName(a.Location)!);
        return loaded.Append(AppContext.BaseDirectory).Distinct().Select(folder => Path.Combine(folder, package + ".dll")).FirstOrDefault(File.Exists)
            ?? throw new NotebookException(
                $"line {number}: #r \"nuget:{package}\" does not resolve: neither the kit nor the engine carries {package}. Put #r \"../dist/Hawq.Kit.dll\" before it, or reference its .dll by path.");
    }

    private static string Import(string target, string folder)
    {
        var path = Path.GetFullPath(target, folder);
        if (!File.Exists(path))
        {
            throw new NotebookException($"#!import {target} does not resolve: there is no such file beside the notebook.");
        }

        if (!path.EndsWith(".ipynb", StringComparison.OrdinalIgnoreCase))
        {
            return $"#load \"{path}\"";
        }

        var cells = NotebookFile.Read(path).Cells.Where(cell => cell.IsCode && cell.Language == "csharp");
        return string.Join('\n', cells.Select(cell => Prepare(cell.Source, Path.GetDirectoryName(path)!).Code + "\n;"));
    }

    [GeneratedRegex("""^\s*#r\s+"(?<target>[^"]+)"\s*$""")]
    private static partial Regex ReferencePattern();
}
