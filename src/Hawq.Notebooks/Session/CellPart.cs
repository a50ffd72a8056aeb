namespace Hawq.Notebooks;

/// <summary>What of a cell is compiled and run in one piece: all of it, or where it imports a notebook, each of that one's cells and what stands around.</summary>
/// <param name="Code">C# script, without the notebook's own directives.</param>
/// <param name="Name">What it is called in errors, e.g. "cell 5" or "b.ipynb, cell 3".</param>
internal sealed record CellPart(string Code, string Name);
