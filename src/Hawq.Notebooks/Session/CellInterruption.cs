using System.Diagnostics.CodeAnalysis;

namespace Hawq.Notebooks;

/// <summary>
/// Stops a running cell. It is asked first, through <see cref="Host.Cancellation"/> and by an exception at its next output; a cell that has
/// not looked for a minute has a second more, one that looks has half a minute, three seconds after it is interrupted again. Then it is
/// ended wherever its managed code is, unless that is in the engine: so soon as it is out of it.
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
    private readonly CancellationTokenSource _due = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly CancellationTokenSource _woken = new(); // apart from the end, which waits until the thread runs managed code
    private readonly CancellationTokenSource _abandoned = new();
    private readonly Lock _requests = new();
    private readonly EngineDoor _door;
    private long _looked; // when, by Environment.TickCount64; 0: never
    private int _told; // 1 once an output of the cell has thrown

    public CellInterruption()
    {
        _door = new EngineDoor(End);
        _due.Token.Register(_door.Close);
    }

    /// <summary>Whether the cell was asked to stop.</summary>
    public bool IsAsked => _asked.IsCancellationRequested;

    /// <summary>When the cell is ended, by <see cref="Environment.TickCount64"/>.</summary>
    public long Deadline { get; private set; } = long.MaxValue;

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
        lock (_requests)
        {
            var patience = (IsAsked, Listens) switch
            {
                (false, true) => Listening,
                (false, false) => Deaf,
                (true, true) => Pressed,
                (true, false) => TimeSpan.Zero,
            };
            _ = _asked.CancelAsync();
            var now = Environment.TickCount64;
            Deadline = Math.Min(Deadline, now + (long)patience.TotalMilliseconds); // who asks again and again must not put the end off
            var left = TimeSpan.FromMilliseconds(Math.Max(0, Deadline - now));
            _abandoned.CancelAfter(left + Unwinding);
            _due.CancelAfter(left);
        }
    }

    /// <summary>What the cell calls at each output: the first one after it was asked to stop throws, in code of the cell's own. Only the first, so that a handler can print.</summary>
    /// <exception cref="OperationCanceledException">The cell should stop.</exception>
    public void StopAtOutput()
    {
        // On a thread that the cell started, nobody might catch it, and the process would end.
        if (IsAsked && CellContext.IsHere && Interlocked.Exchange(ref _told, 1) == 0)
        {
            throw new OperationCanceledException("The cell was interrupted.", _asked.Token);
        }
    }

    /// <summary>Runs a part of the engine on a thread of the cell, which is not ended before it is out again.</summary>
    /// <exception cref="OperationCanceledException">The cell is being ended.</exception>
    public void InEngine(Action part)
    {
        if (!CellContext.IsHere)
        {
            part(); // such a thread is never ended
            return;
        }

        _door.Enter();
        try
        {
            part();
        }
        finally
        {
            _door.Leave();
        }
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

    /// <summary>No thread of the cell is in the engine, nor will be. This may be one of them, so others do it.</summary>
    private void End()
    {
        _woken.CancelAfter(Waking);
        _ = _ended.CancelAsync();
    }

    private void Start<T>(Func<Task<T>> cell, TaskCompletionSource<Task<T>> started)
    {
        try
        {
            if (!new CellContext(_asked.Token, _ended.Token).Run(() => started.SetResult(cell())))
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
