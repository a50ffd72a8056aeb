using System.Diagnostics;

namespace Hawq.Notebooks;

/// <summary>Shows on the terminal what a cell updates in place: live bars, or in a log a line now and then.</summary>
/// <param name="terminal">Where to.</param>
/// <param name="isLog">Whether lines, once written, stay: a file, a pipe, a terminal that cannot move its cursor.</param>
/// <param name="logPause">Least time between two lines of a log.</param>
internal sealed class TerminalProgress(TextWriter terminal, bool isLog, TimeSpan logPause) : IProgress<DisplayUpdate>
{
    public static readonly TimeSpan LogPause = TimeSpan.FromSeconds(15);

    private readonly Lock _lock = new();
    private long _shown = Stopwatch.GetTimestamp();
    private TerminalBars? _bars; // made at the first update: a notebook without one need not load the library
    private string? _unseen;
    private bool _hasLines;
    private bool _hasEnded;

    /// <summary>Whether the standard output keeps what is written.</summary>
    public static bool IsLog => Console.IsOutputRedirected || Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb";

    public void Report(DisplayUpdate value)
    {
        lock (_lock)
        {
            if (!_hasEnded) // a cell that was given up goes on; a new bar would hide the cursor for good
            {
                UnlessClosed(() => Show(value));
            }
        }
    }

    /// <summary>Leaves the last state.</summary>
    public void End()
    {
        lock (_lock)
        {
            UnlessClosed(() =>
            {
                _bars?.End();
                if (_hasLines && _unseen is not null)
                {
                    Write(_unseen);
                }
            });
            _hasEnded = true;
        }
    }

    private void Show(DisplayUpdate update)
    {
        if (!isLog)
        {
            (_bars ??= new TerminalBars(terminal)).Show(update);
        }
        else if (Stopwatch.GetElapsedTime(_shown) < logPause)
        {
            _unseen = update.Line;
        }
        else
        {
            _shown = Stopwatch.GetTimestamp();
            Write(update.Line);
        }
    }

    /// <summary>A terminal that is gone is shown no more, and is no reason for the cell to fail.</summary>
    private void UnlessClosed(Action show)
    {
        try
        {
            show();
        }
        catch (Exception error) when (error.GetBaseException() is IOException) // tasks of the library wrap it
        {
            (_hasEnded, _bars, _unseen) = (true, null, null);
        }
    }

    private void Write(string line)
    {
        terminal.WriteLine("      " + line);
        (_hasLines, _unseen) = (true, null);
    }
}
