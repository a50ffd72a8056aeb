namespace Hawq.Notebooks;

/// <summary>Where the outputs of a cell go: into a file for the runner, to the front end for a kernel.</summary>
internal interface ICellOutput
{
    /// <summary>Text that the cell wrote to a standard stream, "stdout" or "stderr".</summary>
    void Stream(string name, string text);

    /// <summary>Lets text that waits be seen, as before the user is asked for an answer.</summary>
    void Flush();

    /// <summary>Something shown in mid-cell, as contents by MIME type; an id under which it can be updated.</summary>
    void Display(string id, IReadOnlyDictionary<string, string> contents);

    /// <summary>Shows something else in place of an earlier display.</summary>
    void Update(string id, IReadOnlyDictionary<string, string> contents);

    /// <summary>The value of the cell's last expression.</summary>
    void Result(IReadOnlyDictionary<string, string> contents);

    /// <summary>The cell failed.</summary>
    void Error(CellFailure failure);
}
