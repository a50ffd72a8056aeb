namespace Hawq.Notebooks;

/// <summary>Writes the executed notebook after each cell.</summary>
/// <remarks>
/// Where that is the notebook itself, the user may have saved changes while a cell ran: they stay, and only the outputs of cells whose
/// source is still the same go into the file.
/// </remarks>
internal sealed class NotebookSaver
{
    private const int Tries = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.3);

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

    /// <summary>The file that holds outputs of this run; <see langword="null"/> as long as none was written.</summary>
    public string? Saved { get; private set; }

    /// <summary>Writes it before the first cell runs, so that a place that cannot be written is known before hours are spent.</summary>
    /// <remarks>Not where it is the notebook itself: its old outputs stay until there are new ones.</remarks>
    public void Begin(NotebookFile notebook)
    {
        if (_own is null)
        {
            Save(notebook);
        }
    }

    /// <summary>Writes it, if it is to be written.</summary>
    /// <param name="ran">The notebook that runs.</param>
    /// <returns>Whether it was written: not while an editor is writing the same file.</returns>
    public bool Save(NotebookFile ran)
    {
        if (_settings.Output is not { } output)
        {
            return false;
        }

        if (!IsEdited())
        {
            ran.Write(output);
            _known = _own is null ? null : File.ReadAllText(output);
        }
        else if (Edited(ran) is { } theirs)
        {
            theirs.Write(output);
        }
        else
        {
            return false;
        }

        Saved = output;
        return true;
    }

    /// <summary>Writes it for the last time, when nothing comes that could write it later: an editor is waited for, and what stays no notebook is left alone.</summary>
    /// <param name="ran">The notebook that ran.</param>
    public async Task SaveLast(NotebookFile ran)
    {
        for (var left = Tries; _settings.Output is not null && !Save(ran); left--)
        {
            if (left == 1)
            {
                Saved = Path.ChangeExtension(_own!, ".executed.ipynb");
                ran.Write(Saved);
                return;
            }

            await Task.Delay(Pause).ConfigureAwait(false);
        }
    }

    private bool IsEdited()
    {
        try
        {
            return File.Exists(_own) && File.ReadAllText(_own) != _known;
        }
        catch (IOException)
        {
            return true; // it is being replaced
        }
    }

    /// <summary>The user's newer notebook with the outputs of the one that ran; nothing while an editor is writing.</summary>
    private NotebookFile? Edited(NotebookFile ran)
    {
        try
        {
            var theirs = NotebookFile.Read(_own!);
            var outputs = ran.CodeCells.ToLookup(cell => cell.Source);
            foreach (var same in theirs.CodeCells.GroupBy(cell => cell.Source))
            {
                foreach (var (mine, their) in outputs[same.Key].Zip(same))
                {
                    their.TakeResult(mine);
                }
            }

            return theirs;
        }
        catch (Exception error) when (error is NotebookException or IOException)
        {
            return null;
        }
    }
}
