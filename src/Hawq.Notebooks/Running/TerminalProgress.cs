using System.Diagnostics;

namespace Hawq.Notebooks;

/// <summary>Shows on the terminal what a cell updates in place: one line that moves, or in a log a line now and then.</summary>
internal sealed class TerminalProgress(TextWriter terminal, bool isLog) : IProgress<string>
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.25);
    private static readonly TimeSpan LogPause = TimeSpan.FromSeconds(15);

    private readonly Lock _lock = new();
    private long _shown = Stopwatch.GetTimestamp();
    private int _width;

    public void Report(string value)
    {
        var line = "      " + value.Split('\n')[0];
        lock (_lock)
        {
            if (Stopwatch.GetElapsedTime(_shown) < (isLog ? LogPause : Pause))
            {
                return;
            }

            _shown = Stopwatch.GetTimestamp();
            if (isLog)
            {
                terminal.WriteLine(line);
                return;
            }

            terminal.Write("\r" + line.PadRight(_width));
            _width = line.Length;
        }
    }

    /// <summary>Clears the moving line.</summary>
    public void End()
    {
        lock (_lock)
        {
            if (_width > 0)
            {
                terminal.Write("\r" + new string(' ', _width) + "\r");
                _width = 0;
            }
        }
    }
}
