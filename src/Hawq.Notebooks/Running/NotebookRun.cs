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
        var cells = CodeCells();
        foreach (var cell in cells[first..])
        {
            cell.Set(null, []);
        }

        for (var k = first; k < cells.Count; k++)
        {
            _finished = k;
            var code = await RunCell(session, cells[k], k + 1, cells.Count).ConfigureAwait(false);
            if (code != ExitCodes.Success)
            {
                return code;
            }
        }

        _finished = cells.Count;
        return ExitCodes.Success;
    }

    private List<NotebookCell> CodeCells() => [.. _notebook.Cells.Where(cell => cell.IsCode)];

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
            var (before, after) = (CodeCells(), now.Cells.Where(cell => cell.IsCode).ToList());
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

    private async Task<int> RunCell(NotebookSession session, NotebookCell cell, int count, int total)
    {
        var clock = Stopwatch.StartNew();
        terminal.WriteLine($"[{count}/{total}] {cell.Title}");
        RunStatus.Save(settings, cell.Number);
        var progress = new TerminalProgress(terminal, TerminalProgress.IsLog, TerminalProgress.LogPause);
        var output = new FileOutput(count, progress);
        var running = Task.Run(() => session.Run(cell.Source, $"cell {cell.Number}", output));
        var first = await Task.WhenAny(running, _stopped.Task, Task.Delay(settings.CellTimeout)).ConfigureAwait(false);
        var code = first == running ? (await running.ConfigureAwait(false) ? ExitCodes.Success : ExitCodes.CellFailed)
            : first == _stopped.Task ? ExitCodes.Interrupted
            : ExitCodes.TimedOut;
        progress.End();
        cell.Set(count, output.ToJson());
        _saver.Save(_notebook);
        Report(cell, output, code, clock.Elapsed);
        return code;
    }

    private void Report(NotebookCell cell, FileOutput output, int code, TimeSpan time)
    {
        if (cell.HasTag("print") && code == ExitCodes.Success)
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

        var what = code switch
        {
            ExitCodes.CellFailed => string.Join("\n  ", output.Failure?.Traceback ?? []),
            ExitCodes.TimedOut => $"it ran longer than {settings.CellTimeout.TotalSeconds:F0} s; raise --timeout or do less in it",
            ExitCodes.Interrupted => "interrupted",
            _ => null,
        };
        if (what is not null)
        {
            terminal.WriteLine($"{settings.Notebook}, cell {cell.Number} ({cell.Title}):\n  {what}{Kept()}");
        }
    }

    private string Kept() => settings.Output is null ? "" : $"\n  What had been computed is saved in {settings.Output}.";
}
