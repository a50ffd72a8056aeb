using System.Runtime;

namespace Hawq.Notebooks;

/// <summary>
/// Where the code after an <c>await</c> of a cell goes on: on the thread pool, as without a context, so that <c>.Result</c> does not
/// lock up; but once the cell was ended it goes on no more.
/// </summary>
/// <param name="asked">Cancelled when the cell is asked to stop.</param>
/// <param name="ended">Cancelled when the cell is ended.</param>
internal sealed class CellContext(CancellationToken asked, CancellationToken ended) : SynchronizationContext
{
    [ThreadStatic]
    private static bool _isHere;

    /// <summary>Whether this thread runs a part of a cell, and may be stopped in the midst of it; one that a cell started for itself may not.</summary>
    public static bool IsHere => _isHere;

    public override void Post(SendOrPostCallback d, object? state) => ThreadPool.QueueUserWorkItem(_ => Run(() => d(state)));

    public override void Send(SendOrPostCallback d, object? state) => d(state);

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs a part of the cell on this thread, and stops it there when the cell is ended.</summary>
    /// <returns>Whether it ran to its end.</returns>
    public bool Run(Action part)
    {
        SetSynchronizationContext(this);
        _isHere = true;
        try
        {
#pragma warning disable SYSLIB0046 // obsolete as a reminder that state may stay half changed; the user who interrupts a cell accepts that
            ControlledExecution.Run(part, ended);
#pragma warning restore SYSLIB0046
            return true;
        }
        catch (OperationCanceledException) when (asked.IsCancellationRequested)
        {
            return false; // also that of an async void method, which nobody else would catch
        }
        finally
        {
            _isHere = false;
            SetSynchronizationContext(null);
        }
    }
}
