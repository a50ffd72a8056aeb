namespace Hawq.Notebooks;

/// <summary>
/// A cell with its directives carried out or checked. The cells of a notebook that it imports are parts of their own: each may begin with
/// usings and end with a value, and an error in one names its line there.
/// </summary>
internal sealed class CellCode
{
    private readonly PackageRestore _packages;
    private readonly List<CellPart> _parts = [];
    private readonly List<string> _notes = [];
    private readonly List<string> _libraries = []; // folders of what is referenced here, and may not be loaded yet

    private CellCode(PackageRestore packages) => _packages = packages;

    /// <summary>What is to be run, in this order; the last one is the cell's own end, whose value is the cell's.</summary>
    public IReadOnlyList<CellPart> Parts => _parts;

    /// <summary>What the user should know, though it is no error.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Whether <c>#!time</c> asked for the time.</summary>
    public bool IsTimed { get; private set; }

    /// <summary>Rewrites a cell for the script compiler.</summary>
    /// <param name="source">The cell.</param>
    /// <param name="name">What it is called in errors, e.g. "cell 5".</param>
    /// <param name="folder">The notebook's folder, against which paths are resolved.</param>
    /// <param name="packages">Where packages come from that neither the kit nor the engine carries.</param>
    /// <exception cref="NotebookException">A directive is unknown, or names a file or package that is not there, or a notebook that imports itself.</exception>
    public static CellCode Prepare(string source, string name, string folder, PackageRestore packages)
    {
        var cell = new CellCode(packages);
        cell.Add(source, new CellPlace(name, folder, []));
        return cell;
    }

    private void Add(string source, CellPlace place)
    {
        var text = source.Replace("\r\n", "\n", StringComparison.Ordinal);
        var lines = new CellLines(text);
        foreach (var (at, directive) in CellDirective.In(text))
        {
            lines.Replace(at, directive.Kind == DirectiveKind.Load ? Load(Path.GetFullPath(directive.Target, place.Folder)) : "");
            if (directive.Kind == DirectiveKind.Import)
            {
                Keep(lines.TakeUntil(at), place);
                Import(directive.Target, place, place.Line(at + 1));
            }
            else
            {
                Carry(directive, lines, at, place);
            }
        }

        Keep(place.IsOwn ? lines.TakeRest() : lines.TakeUntilEnd(), place);
    }

    private void Keep(string? code, CellPlace place)
    {
        if (code is not null)
        {
            _parts.Add(new CellPart(code, place.Name));
        }
    }

    private void Carry(CellDirective directive, CellLines lines, int at, CellPlace place)
    {
        switch (directive.Kind)
        {
            case DirectiveKind.Time:
                IsTimed |= place.IsOwn;
                break;
            case DirectiveKind.Source:
                _packages.AddSource(directive.Target);
                break;
            case DirectiveKind.Package:
                Package(directive, lines, at, place.Line(at + 1));
                break;
            case DirectiveKind.Library:
                Library(directive.Target, lines, at, place);
                break;
            case DirectiveKind.Unknown:
                throw new NotebookException($"{place.Line(at + 1)}: unknown directive \"{directive.Text}\"; known are #r, #i, #load, #!import, #!time.");
        }
    }

    private void Library(string target, CellLines lines, int at, CellPlace place)
    {
        var path = Path.GetFullPath(target, place.Folder);
        if (!File.Exists(path))
        {
            throw new NotebookException(
                $"{place.Line(at + 1)}: #r \"{target}\" does not resolve: there is no file {target} beside the notebook. Build the kit first (dotnet build), or correct the path.");
        }

        _libraries.Add(Path.GetDirectoryName(path)!);
        lines.Refer(at, path);
    }

    private void Package(CellDirective directive, CellLines lines, int at, string line)
    {
        try
        {
            var (paths, note) = PackageReference.Resolve(directive, _libraries, _packages);
            foreach (var path in paths)
            {
                lines.Refer(at, path);
            }

            if (note is not null)
            {
                _notes.Add($"{line}: {note}");
            }
        }
        catch (NotebookException error)
        {
            throw new NotebookException($"{line}: {error.Message}");
        }
    }

    private void Import(string target, CellPlace place, string line)
    {
        var path = Path.GetFullPath(target, place.Folder);
        if (!File.Exists(path))
        {
            throw new NotebookException($"{line}: #!import {target} does not resolve: there is no such file beside the notebook. Correct the path.");
        }

        if (!path.EndsWith(".ipynb", StringComparison.OrdinalIgnoreCase))
        {
            _parts.Add(new CellPart(Load(path), place.Name));
            return;
        }

        if (place.Importing.Contains(path))
        {
            throw new NotebookException(
                $"{line}: #!import {target} leads back to itself: {string.Join(" imports ", place.Importing.Append(path).Select(Path.GetFileName))}. Move what both need into a third notebook.");
        }

        foreach (var cell in Cells(path, $"{line}: #!import {target}"))
        {
            Add(cell.Source, new CellPlace($"{Path.GetFileName(path)}, cell {cell.Number}", Path.GetDirectoryName(path)!, [.. place.Importing, path]));
        }
    }

    private static IReadOnlyList<NotebookCell> Cells(string path, string directive)
    {
        try
        {
            var notebook = NotebookFile.Read(path);
            notebook.RequireCSharp();
            return notebook.CodeCells;
        }
        catch (NotebookException error)
        {
            throw new NotebookException($"{directive}: {error.Message}");
        }
    }

    private static string Load(string path) => $"#load \"{path}\"";
}
