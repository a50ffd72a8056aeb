namespace Hawq.Notebooks;

/// <summary>A cell's lines, given out as parts: references stand first, as the compiler wants them, and each line keeps its number.</summary>
internal sealed class CellLines(string source)
{
    private readonly string[] _lines = source.Split('\n');
    private readonly List<string> _references = [];
    private int _start;

    /// <summary>Puts something in a line's place.</summary>
    /// <param name="at">The line, from 0.</param>
    /// <param name="by">What.</param>
    public void Replace(int at, string by) => _lines[at] = by;

    /// <summary>Adds a library to the part that is next.</summary>
    /// <param name="at">The line that asks for it, from 0; errors name it.</param>
    /// <param name="path">The library.</param>
    public void Refer(int at, string path) => _references.Add($"#line {at + 1}\n#r \"{path}\"\n");

    /// <summary>The code up to a line, which itself is left out; <see langword="null"/> if nothing stands there.</summary>
    /// <param name="end">The line, from 0.</param>
    public string? TakeUntil(int end)
    {
        var code = string.Join('\n', _lines[_start..end]);
        var part = _references.Count == 0 && string.IsNullOrWhiteSpace(code) ? null : Part(code);
        _start = end + 1;
        return part;
    }

    /// <summary>The code that is left; <see langword="null"/> if there is none.</summary>
    public string? TakeUntilEnd() => TakeUntil(_lines.Length);

    /// <summary>The code that is left, though it may be nothing.</summary>
    public string TakeRest() => Part(string.Join('\n', _lines[_start..]));

    private string Part(string code)
    {
        var heads = _references.Count == 0 ? "" : string.Concat(_references) + "#line 1\n";
        _references.Clear();
        return heads + new string('\n', _start) + code;
    }
}
