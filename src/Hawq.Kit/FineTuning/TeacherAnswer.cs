namespace Hawq.Kit;

/// <summary>A teacher's outputs for a batch, which several threads may put together from parts.</summary>
/// <param name="parts">Number of parts.</param>
internal sealed class TeacherAnswer(int parts)
{
    private readonly TaskCompletionSource<float[]>[] _parts = [.. Enumerable.Range(0, parts).Select(_ => new TaskCompletionSource<float[]>())];
    private int _next = -1;

    /// <summary>All parts, one after the other; waits for those that others compute.</summary>
    public float[] Numbers => [.. _parts.SelectMany(part => part.Task.GetAwaiter().GetResult())];

    /// <summary>Computes the parts that nobody has begun.</summary>
    /// <exception cref="Exception">That of <paramref name="compute"/>; whoever waits for the part gets it too.</exception>
    public void Complete(Func<int, float[]> compute)
    {
        for (var k = Interlocked.Increment(ref _next); k < parts; k = Interlocked.Increment(ref _next))
        {
            try
            {
                _parts[k].SetResult(compute(k));
            }
            catch (Exception error)
            {
                _parts[k].SetException(error);
                throw;
            }
        }
    }
}
