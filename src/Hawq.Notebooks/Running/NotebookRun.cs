using System.Diagnostics;
using System.Globalization;

namespace Hawq.Notebooks;

/// <summary>Runs a notebook's cells and saves the outputs after each, so nothing computed is lost.</summary>
internal sealed class NotebookRun(RunSettings settings, TextWriter terminal)
{
    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(0.3);

    /// <summary>The variable that tells the kit that no front end is there, so that charts leave plotly.js out.</summary>
    public const string Headless = "HAWQ_HEADLESS";

    private readonly TaskCompletionSource<int> _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _path = Path.GetFullPath(settings.Notebook); // the run changes folders
    private NotebookFile _notebook = NotebookFile.Read(settings.Notebook);
    private readonly NotebookSaver _saver = new(settings);
    private readonly List<FileOutput> _outputs = []; // of the code cells that ran, in their order
    private int _finished; // cells in a row, from the first, that ran to their end

    public async Task<int> Go()
    {
        _notebook.RequireCSharp();
        Parameters.Inject(_notebook, settings.Parameters);
        var folder = Path.GetDirectoryName(Path.GetFullPath(settings.Notebook))!;
        Environment.CurrentDirectory = folder;
        Environment.SetEnvironmentVariable(Headless, "1");
        var session = new NotebookSession(folder);
        using var signals = StopSignals.Do(() => _stopped.TrySetResult(ExitCodes.Interrupted));
        RunStatus.WatchSupervisor();
        var code = await RunFrom(session, 0).ConfigureAwait(false);
        while (settings.Watches && code is ExitCodes.Success or ExitCodes.CellFailed && await NextChange().ConfigureAwait(false) is { } first)
        {
            code = await RunFrom(session, first).ConfigureAwait(false);
        }

        return code;
    }

    private async Task<int> RunFrom(NotebookSession session, int first)
    {
        var cells = _notebook.CodeCells;
        foreach (var cell in cells.Skip(first))
        {
            cell.Set(null, []);
        }

        _outputs.RemoveRange(first, _outputs.Count - first);
        _saver.Begin(_notebook);
        for (var k = first; k < cells.Count; k++)
        {
            _finished = k;
            var code = await RunCell(session, cells, k).ConfigureAwait(false);
            if (code != ExitCodes.Success)
            {
                return code;
            }
        }

        _finished = cells.Count;
        return ExitCodes.Success;
    }

    /// <summary>Waits until the code in the file differs from what ran; the first changed cell, or <see langword="null"/> if interrupted.</summary>
    private async Task<int?> NextChange()
    {
        terminal.WriteLine($"Watching {settings.Notebook}; the first changed cell and all after it run again. Ctrl+C ends.");
        while (await Task.WhenAny(_stopped.Task, Task.Delay(Glance)).ConfigureAwait(false) != _stopped.Task)
        {
            if (Changed() is { } first)
            {
                return first;
            }
        }

        return null;
    }

    private int? Changed()
    {
        try
        {
            var now = NotebookFile.Read(_path);
            now.RequireCSharp();
            Parameters.Inject(now, settings.Parameters);
            var (before, after) = (_notebook.CodeCells, now.CodeCells);
            var same = before.Zip(after).TakeWhile(pair => pair.First.Source == pair.Second.Source).Count();
            if (same == before.Count && same == after.Count)
            {
                return null;
            }

            same = Math.Min(same, _finished); // a cell that failed, and those behind it that never ran, run now
            for (var k = 0; k < same; k++)
            {
                after[k].TakeResult(before[k]);
            }

            _notebook = now;
            return same;
        }
        catch (Exception error) when (error is NotebookException or IOException)
        {
            return null; // an editor is writing it
        }
    }

    private async Task<int> RunCell(NotebookSession session, IReadOnlyList<NotebookCell> cells, int k)
    {
        var (cell, clock) = (cells[k], Stopwatch.StartNew());
        terminal.WriteLine($"[{k + 1}/{cells.Count}] {cell.Title}");
        RunStatus.Save(settings.Notebook, cell.Number, _saver.Saved);
        var progress = new TerminalProgress(terminal, TerminalProgress.IsLog, TerminalProgress.LogPause);
        var output = new FileOutput(k + 1, progress, _outputs.LastOrDefault());
        _outputs.Add(output);
        var running = Task.Run(() => session.Run(cell.Source, $"cell {cell.Number}", output));
        var first = await Task.WhenAny(running, _stopped.Task, Task.Delay(settings.CellTimeout)).ConfigureAwait(false);
        var failure = first == running ? await running.ConfigureAwait(false) : GivenUp(output, first == _stopped.Task);
        var code = failure is null ? ExitCodes.Success
            : first == running ? ExitCodes.CellFailed
            : first == _stopped.Task ? ExitCodes.Interrupted
            : ExitCodes.TimedOut;
        await Save(cells, isLast: code != ExitCodes.Success || k == cells.Count - 1).ConfigureAwait(false); // before a word to a terminal, which may be gone
        progress.End();
        Report(cell, output, failure, clock.Elapsed);
        return code;
    }

    /// <summary>Says in the outputs of a cell that it was given up: what it showed would else read as all that it had to show.</summary>
    private CellFailure GivenUp(FileOutput output, bool isStopped)
    {
        var (name, what) = isStopped ? ("Interrupted", "the run was interrupted")
            : ("TimedOut", string.Create(CultureInfo.InvariantCulture, $"it ran longer than {settings.CellTimeout.TotalSeconds:0.##} s; raise --timeout or do less in it"));
        var failure = new CellFailure(name, what, [$"{name}: {what}"]);
        output.Error(failure);
        return failure;
    }

    /// <summary>Saves the last cell's outputs, and those of earlier ones whose displays it changed.</summary>
    private async Task Save(IReadOnlyList<NotebookCell> cells, bool isLast)
    {
        for (var k = 0; k < _outputs.Count; k++)
        {
            if (_outputs[k].HasChanged || k == _outputs.Count - 1)
            {
                cells[k].Set(k + 1, _outputs[k].ToJson());
            }
        }

        if (isLast)
        {
            await _saver.SaveLast(_notebook).ConfigureAwait(false);
        }
        else
        {
            _saver.Save(_notebook);
        }
    }

    private void Report(NotebookCell cell, FileOutput output, CellFailure? failure, TimeSpan time)
    {
        if (cell.HasTag("print") && failure is null)
        {
            foreach (var text in output.PlainTexts())
            {
                terminal.WriteLine(text.TrimEnd());
            }
        }

        if (time.TotalSeconds >= 1)
        {
            terminal.WriteLine(string.Create(CultureInfo.InvariantCulture, $"      {time.TotalSeconds:F1} s"));
        }

        if (failure is not null)
        {
            terminal.WriteLine($"{settings.Notebook}, cell {cell.Number} ({cell.Title}):\n  {string.Join("\n  ", failure.Traceback)}{Kept()}");
        }

        if (_saver.Saved is { } saved && saved != settings.Output)
        {
            terminal.WriteLine($"{settings.Notebook}: it changed while it ran, and is no notebook now; expected one to put the outputs into. They are in {saved}.");
        }
    }

    private string Kept() => _saver.Saved is { } saved ? $"\n  What had been computed is saved in {saved}." : "";
}
