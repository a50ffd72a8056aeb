namespace Hawq.Notebooks;

/// <summary>How a notebook is run.</summary>
/// <param name="Notebook">The notebook.</param>
/// <param name="Output">Where the executed notebook is written, or <see langword="null"/> for nowhere.</param>
/// <param name="Parameters">Pairs name=value.</param>
/// <param name="CellTimeout">Longest time for a cell.</param>
/// <param name="Watches">Whether changed cells run again, in the same session, until interrupted.</param>
internal sealed record RunSettings(string Notebook, string? Output, IReadOnlyList<string> Parameters, TimeSpan CellTimeout, bool Watches);
