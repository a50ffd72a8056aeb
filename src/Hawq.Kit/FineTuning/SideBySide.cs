using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Independent runs at the same time, such as the rows of a table: each has its share of the threads of libtorch.</summary>
/// <remarks>
/// For runs whose steps are too small to keep all cores busy, and for those that answer for each other by a <see cref="TeacherMemory"/>.
/// Memory is that of all runs at once. The number of threads decides the last bits of libtorch's sums: a run repeated with the same share
/// of threads gives the same bits, one with another share agrees within rounding.
/// </remarks>
public static class SideBySide
{
    /// <summary>Runs all, some of them at once; each of the others begins as soon as one ends.</summary>
    /// <param name="items">What is run, the first ones first.</param>
    /// <param name="run">One run. Runs share no tensor that one of them changes; fine-tunings of one float network do not.</param>
    /// <param name="atOnce">How many at once; as many as libtorch has threads (<c>torch.get_num_threads()</c>) unless given. At 1 each has all threads.</param>
    /// <param name="cancellation">Stops all runs that heed the token they are given.</param>
    /// <returns>The results in the order of the items.</returns>
    /// <exception cref="ArgumentOutOfRangeException">None is to run at once.</exception>
    /// <exception cref="OperationCanceledException">The runs were stopped.</exception>
    /// <remarks>The first exception of a run stops the others and is thrown on; what was finished is lost unless the runs keep it.</remarks>
    public static IReadOnlyList<TResult> Run<TItem, TResult>(
        IReadOnlyList<TItem> items, Func<TItem, CancellationToken, TResult> run, int? atOnce = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(run);
        ArgumentOutOfRangeException.ThrowIfLessThan(atOnce ?? 1, 1, nameof(atOnce));
        var queue = new Queue<TItem, TResult>(items, run);
        using var link = cancellation.Register(queue.Stop);
        var threads = get_num_threads();
        var count = Math.Min(atOnce ?? threads, items.Count);
        if (count <= 1)
        {
            queue.Work();
        }
        else
        {
            var workers = Enumerable.Range(0, count).Select(_ => new Thread(queue.Work) { IsBackground = true }).ToList();
            try
            {
                set_num_threads(Math.Max(1, threads / count)); // of each thread that uses libtorch for the first time
                workers.ForEach(worker => worker.Start());
                workers.ForEach(worker => worker.Join());
            }
            finally
            {
                queue.Stop(); // an interrupt of this thread leaves none behind
                set_num_threads(threads);
            }
        }

        return queue.Results(cancellation);
    }

    /// <summary>The items that are left, and the results so far.</summary>
    [SuppressMessage("Design", "CA1001", Justification = "Threads that outlive an interrupted caller still look at the source, which holds nothing unless it is waited for.")]
    private sealed class Queue<TItem, TResult>(IReadOnlyList<TItem> items, Func<TItem, CancellationToken, TResult> run)
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly TResult[] _results = new TResult[items.Count];
        private ExceptionDispatchInfo? _failure;
        private int _next = -1;
        private int _done;

        [SuppressMessage("Design", "CA1031", Justification = "Thrown on by Results, on the calling thread.")]
        public void Work()
        {
            for (var k = Interlocked.Increment(ref _next); k < items.Count && !_stop.IsCancellationRequested; k = Interlocked.Increment(ref _next))
            {
                try
                {
                    _results[k] = run(items[k], _stop.Token);
                    Interlocked.Increment(ref _done);
                }
                catch (Exception error)
                {
                    Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(error), null);
                    _stop.Cancel();
                }
            }
        }

        public void Stop() => _stop.Cancel();

        public TResult[] Results(CancellationToken cancellation)
        {
            _failure?.Throw();
            return _done == items.Count ? _results : throw new OperationCanceledException(cancellation);
        }
    }
}
