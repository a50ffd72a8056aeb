namespace Hawq.Notebooks;

/// <summary>Writes the executed notebook after each cell.</summary>
/// <remarks>
/// Where that is the notebook itself, the user may have saved changes while a cell ran: they stay, and only the outputs of cells whose
/// source is still the same go into the file.
/// </remarks>
internal sealed class NotebookSaver
{
    private readonly RunSettings _settings;
    private readonly string? _own; // the notebook's path, if outputs go there
    private string? _known; // what this wrote last, or read

    public NotebookSaver(RunSettings settings)
    {
        _settings = settings;
        var path = Path.GetFullPath(settings.Notebook);
        _own = settings.Output == path ? path : null;
        _known = _own is null ? null : File.ReadAllText(path);
    }

    /// <summary>Writes it, if it is to be written.</summary>
    /// <param name="ran">The notebook that runs.</param>
    public void Save(NotebookFile ran)
    {
        if (_settings.Output is not { } output)
        {
            return;
        }

        if (File.Exists(_own) && File.ReadAllText(_own) != _known)
        {
            Edited(ran)?.Write(output);
            return;
        }

        ran.Write(output);
        _known = _own is null ? null : File.ReadAllText(output);
    }

    /// <summary>The user's newer notebook with the outputs of the one that ran; nothing while an editor is writing.</summary>
    private NotebookFile? Edited(NotebookFile ran)
    {
        try
        {
            var theirs = NotebookFile.Read(_own!);
            var outputs = ran.Cells.Where(cell => cell.IsCode).ToLookup(cell => cell.Source);
            foreach (var same in theirs.Cells.Where(cell => cell.IsCode).GroupBy(cell => cell.Source))
            {
                foreach (var (mine, their) in outputs[same.Key].Zip(same))
                {
                    their.TakeResult(mine);
                }
            }

            return theirs;
        }
        catch (NotebookException)
        {
            return null;
        }
    }
}
