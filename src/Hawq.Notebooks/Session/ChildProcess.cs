using System.Diagnostics;

namespace Hawq.Notebooks;

/// <summary>A program that the engine started for a cell: it outlives neither the wait for it nor this process.</summary>
internal static class ChildProcess
{
    /// <summary>Waits for its end.</summary>
    /// <param name="process">The program, with both streams redirected.</param>
    /// <param name="cancellation">Ends it, with all that it started.</param>
    /// <returns>What it wrote, errors last.</returns>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public static string Finish(Process process, CancellationToken cancellation)
    {
        EventHandler end = (_, _) => process.Kill(entireProcessTree: true);
        AppDomain.CurrentDomain.ProcessExit += end; // a run that is interrupted, or over its time, exits in mid-cell
        try
        {
            return Output(process, cancellation).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        finally
        {
            AppDomain.CurrentDomain.ProcessExit -= end;
        }
    }

    /// <remarks>The wait itself is cancelled too: a read of a pipe may not heed the token.</remarks>
    private static async Task<string> Output(Process process, CancellationToken cancellation)
    {
        var text = process.StandardOutput.ReadToEndAsync(cancellation);
        var error = process.StandardError.ReadToEndAsync(cancellation);
        await Task.WhenAll(text, error, process.WaitForExitAsync(cancellation)).WaitAsync(cancellation).ConfigureAwait(false);
        return await text.ConfigureAwait(false) + await error.ConfigureAwait(false);
    }
}
