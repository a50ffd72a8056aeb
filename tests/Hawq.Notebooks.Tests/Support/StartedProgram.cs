using System.Diagnostics;
using System.Text;
using System.Threading.Channels;

namespace Hawq.Notebooks.Tests;

/// <summary>A program that a test started. No wait for it is without end: then it is ended with all that it started, and what it printed is told.</summary>
internal sealed class StartedProgram : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3); // a loaded machine of two cores takes a tenth of it

    private readonly Process _process;
    private readonly StringBuilder _printed = new();
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>(); // of the standard output, as they are waited for

    public StartedProgram(ProcessStartInfo start)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Keep(line.Data, isWaitedFor: true);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data, isWaitedFor: false);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    /// <summary>What it printed so far, to both streams.</summary>
    public string Printed
    {
        get
        {
            lock (_printed)
            {
                return _printed.ToString();
            }
        }
    }

    /// <summary>Waits until it prints a further line that begins so.</summary>
    public void Until(string start)
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            while (_lines.Reader.WaitToReadAsync(limit.Token).AsTask().GetAwaiter().GetResult())
            {
                while (_lines.Reader.TryRead(out var line))
                {
                    if (line.StartsWith(start, StringComparison.Ordinal))
                    {
                        return;
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // told below, as where it ended without the line
        }

        throw Failed($"no further line \"{start}…\"");
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit code.</returns>
    public int End()
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            _process.WaitForExitAsync(limit.Token).GetAwaiter().GetResult(); // and for all that it printed
            return _process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            throw Failed("no end");
        }
    }

    /// <summary>Kills it, and nothing that it started.</summary>
    public void Kill() => _process.Kill();

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit(TimeSpan.FromSeconds(10));
        _process.Dispose();
    }

    /// <summary>Takes a line; none is the end of the stream.</summary>
    private void Keep(string? line, bool isWaitedFor)
    {
        if (line is not null)
        {
            lock (_printed)
            {
                _printed.Append(line).Append('\n');
            }
        }

        if (isWaitedFor && line is not null)
        {
            _lines.Writer.TryWrite(line);
        }
        else if (isWaitedFor)
        {
            _lines.Writer.TryComplete();
        }
    }

    private TimeoutException Failed(string what)
    {
        _process.Kill(entireProcessTree: true);
        return new TimeoutException(
            $"{_process.StartInfo.FileName} {string.Join(' ', _process.StartInfo.ArgumentList)}: {what} within {Patience.TotalSeconds:F0} s. It printed:\n{Printed}");
    }
}
