using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Hawq.Kit;

/// <summary>Makes batches ahead of their use: a bounded number waits, and the order is that of the plan, however many workers decode.</summary>
internal static class PicturePrefetch
{
    /// <param name="batches">How many there are.</param>
    /// <param name="ahead">How many may wait; one more is being made.</param>
    /// <param name="make">Makes batch k on a thread of the pool.</param>
    public static IEnumerable<TBatch> Run<TBatch>(int batches, int ahead, Func<int, CancellationToken, TBatch> make)
    {
        using var stop = new CancellationTokenSource();
        using var queue = new BlockingCollection<TBatch>(ahead);
        var producer = Task.Run(() => Produce(queue, batches, make, stop.Token));
        try
        {
            foreach (var batch in queue.GetConsumingEnumerable())
            {
                yield return batch;
            }

            Rethrow(producer);
        }
        finally
        {
            stop.Cancel(); // also where the reader stops early
            ((IAsyncResult)producer).AsyncWaitHandle.WaitOne();
        }
    }

    private static void Produce<TBatch>(
        BlockingCollection<TBatch> queue, int batches, Func<int, CancellationToken, TBatch> make, CancellationToken stop)
    {
        try
        {
            for (var k = 0; k < batches; k++)
            {
                queue.Add(make(k, stop), stop);
            }
        }
        finally
        {
            queue.CompleteAdding();
        }
    }

    /// <summary>Throws what stopped the producer, as it was thrown.</summary>
    private static void Rethrow(Task producer)
    {
        ((IAsyncResult)producer).AsyncWaitHandle.WaitOne();
        if (producer.Exception?.Flatten().InnerExceptions is [var error, ..])
        {
            ExceptionDispatchInfo.Throw(error);
        }
    }
}
