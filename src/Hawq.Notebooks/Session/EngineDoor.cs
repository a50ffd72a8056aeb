namespace Hawq.Notebooks;

/// <summary>
/// Counts the threads of a cell that are inside the engine. A cell is ended wherever its code is; were that inside the engine, a message
/// half sent or a lock still held would leave it deaf. So the door closes first, and the end waits for the last one to leave.
/// </summary>
/// <param name="emptied">Called once: when the door is closed and nobody is inside.</param>
internal sealed class EngineDoor(Action emptied)
{
    private const int Closed = int.MinValue; // a flag beside the count, so that one step of the processor sees both

    private int _inside;

    /// <summary>Goes in.</summary>
    /// <exception cref="OperationCanceledException">The door is closed.</exception>
    public void Enter()
    {
        var seen = Volatile.Read(ref _inside);
        while (true)
        {
            if (seen < 0)
            {
                throw new OperationCanceledException("The cell is being ended.");
            }

            var found = Interlocked.CompareExchange(ref _inside, seen + 1, seen);
            if (found == seen)
            {
                return;
            }

            seen = found;
        }
    }

    /// <summary>Goes out.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _inside) == Closed)
        {
            emptied();
        }
    }

    /// <summary>Lets nobody in any more.</summary>
    public void Close()
    {
        if (Interlocked.Or(ref _inside, Closed) == 0)
        {
            emptied();
        }
    }
}
