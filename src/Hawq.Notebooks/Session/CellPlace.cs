namespace Hawq.Notebooks;

/// <summary>Where a cell stands.</summary>
/// <param name="Name">What it is called in errors.</param>
/// <param name="Folder">Its notebook's folder, against which its paths are resolved.</param>
/// <param name="Importing">The notebooks whose import led to it, outermost first; none for the user's own cell.</param>
internal sealed record CellPlace(string Name, string Folder, IReadOnlyList<string> Importing)
{
    /// <summary>Whether it is the cell that the user runs.</summary>
    public bool IsOwn => Importing.Count == 0;

    /// <summary>One of its lines, as messages name it; that the user's own cell is meant needs no saying.</summary>
    public string Line(int number) => IsOwn ? $"line {number}" : $"{Name}, line {number}";
}
