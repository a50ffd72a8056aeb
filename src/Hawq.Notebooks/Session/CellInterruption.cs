using System.Diagnostics.CodeAnalysis;

namespace Hawq.Notebooks;

/// <summary>
/// Stops a running cell. It is asked first, through <see cref="Host.Cancellation"/>; a cell that has not looked there for a minute has a
/// second more, one that looks has half a minute, three seconds after it is interrupted again. Then it is ended wherever its managed code is.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Tasks that a cell leaves behind hold its tokens; without timers the sources own nothing.")]
internal sealed class CellInterruption
{
    private static readonly TimeSpan Deaf = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Listening = TimeSpan.FromSeconds(30); // a batch of a fine-tuning may take that long
    private static readonly TimeSpan Pressed = TimeSpan.FromSeconds(3); // less might end it within a call from native code, and the process with it
    private static readonly TimeSpan Attention = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Waking = TimeSpan.FromSeconds(0.1);
    private static readonly TimeSpan Unwinding = TimeSpan.FromSeconds(5); // native code cannot be ended: then the kernel goes on without the cell

    private readonly CancellationTokenSource _asked = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly CancellationTokenSource _woken = new(); // apart from the end, which waits until the thread runs managed code
    private readonly CancellationTokenSource _abandoned = new();
    private long _looked; // when, by Environment.TickCount64; 0: never

    /// <summary>Whether the cell was asked to stop.</summary>
    public bool IsAsked => _asked.IsCancellationRequested;

    /// <summary>Cancelled when the cell should stop; who reads it is expected to do so.</summary>
    public CancellationToken Token
    {
        get
        {
            Volatile.Write(ref _looked, Environment.TickCount64);
            return _asked.Token;
        }
    }

    private bool Listens => Volatile.Read(ref _looked) is > 0 and var looked && Environment.TickCount64 - looked < Attention.TotalMilliseconds;

    /// <summary>Asks the cell to stop, or hastens its end if it was asked before.</summary>
    public void Request()
    {
        var patience = (IsAsked, Listens) switch
        {
            (false, true) => Listening,
            (false, false) => Deaf,
            (true, true) => Pressed,
            (true, false) => TimeSpan.Zero,
        };
        _abandoned.CancelAfter(patience + Unwinding);
        _ended.CancelAfter(patience);
        _woken.CancelAfter(patience + Waking);
        _ = _asked.CancelAsync();
    }

    /// <summary>Runs a cell on a thread of its own.</summary>
    /// <param name="cell">The cell.</param>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    public async Task<T> Guard<T>(Func<Task<T>> cell)
    {
        var started = new TaskCompletionSource<Task<T>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() => Start(cell, started)) { IsBackground = true, Name = "cell" };
        using var wake = _woken.Token.Register(thread.Interrupt); // out of a sleep or a wait
        thread.Start();
        var running = await started.Task.WaitAsync(_abandoned.Token).ConfigureAwait(false);
        return await running.WaitAsync(_ended.Token).ConfigureAwait(false);
    }

    private void Start<T>(Func<Task<T>> cell, TaskCompletionSource<Task<T>> started)
    {
        try
        {
            if (!new CellContext(_ended.Token).Run(() => started.SetResult(cell())))
            {
                started.TrySetCanceled();
            }
        }
        catch (Exception error)
        {
            started.TrySetException(_ended.IsCancellationRequested ? new OperationCanceledException("The cell was interrupted.", error) : error);
        }
    }
}
