namespace Hawq.Notebooks;

/// <summary>A cell's code with its directives carried out or checked, line numbers kept.</summary>
internal static class CellCode
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
            var directive = CellDirective.Of(lines[k]);
            timed |= directive?.Kind == DirectiveKind.Time;
            lines[k] = directive is null ? lines[k] : Carried(directive, lines[k], k + 1);
        }

        return (string.Join('\n', lines), timed);

        string Carried(CellDirective directive, string line, int number)
        {
            switch (directive.Kind)
            {
                case DirectiveKind.Import:
                    return Import(directive.Target, number, folder, packages, importing) + $"\n#line {number + 1}";
                case DirectiveKind.Package:
                    return References(directive, number, packages);
                case DirectiveKind.Library when File.Exists(Path.GetFullPath(directive.Target, folder)):
                    return line;
                case DirectiveKind.Library:
                    throw new NotebookException(
                        $"line {number}: #r \"{directive.Target}\" does not resolve: there is no file {directive.Target} beside the notebook. Build the kit first (dotnet build), or correct the path.");
                case DirectiveKind.Unknown:
                    throw new NotebookException($"line {number}: unknown directive \"{directive.Text}\"; known are #r, #i, #load, #!import, #!time.");
                case DirectiveKind.Source:
                    packages.AddSource(directive.Target);
                    return "";
                default:
                    return "";
            }
        }
    }

    /// <summary>A package is served from what the loaded kit and the engine carry, so that there is one copy of each; else it is restored.</summary>
    private static string References(CellDirective package, int number, PackageRestore packages)
    {
        var loaded = AppDomain.CurrentDomain.GetAssemblies().Where(a => !a.IsDynamic && a.Location.Length > 0).Select(a => Path.GetDirectoryName(a.Location)!);
        var folders = loaded.Append(AppContext.BaseDirectory).Distinct().ToList();
        var carried = folders.Select(folder => Path.Combine(folder, package.Target + ".dll")).FirstOrDefault(File.Exists);
        var paths = carried is not null ? [carried] : Restored(package, number, packages)
            .Where(path => !folders.Exists(folder => File.Exists(Path.Combine(folder, Path.GetFileName(path)))));
        return string.Join('\n', paths.Select(path => $"#r \"{path}\"")) + $"\n#line {number + 1}"; // errors below keep their line numbers
    }

    private static IReadOnlyList<string> Restored(CellDirective package, int number, PackageRestore packages)
    {
        try
        {
            return packages.Assemblies(package.Target, package.Version);
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
}
