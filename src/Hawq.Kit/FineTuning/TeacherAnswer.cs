using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>A teacher's outputs for a batch, which several threads may put together from parts of 64 pictures.</summary>
/// <param name="parts">Number of parts.</param>
internal sealed class TeacherAnswer(int parts)
{
    private const int PicturesOfPart = 64;

    private readonly TaskCompletionSource<float[]>[] _parts = [.. Enumerable.Range(0, parts).Select(_ => new TaskCompletionSource<float[]>())];
    private int _next = -1;

    /// <summary>All parts, one after the other; waits for those that others compute.</summary>
    public float[] Numbers => [.. _parts.SelectMany(part => part.Task.GetAwaiter().GetResult())];

    /// <summary>How many parts a batch has.</summary>
    public static int PartsOf(Tensor inputs) => (int)((inputs.shape[0] + PicturesOfPart - 1) / PicturesOfPart);

    /// <summary>The teacher's outputs for one part, in float32, without gradient and by the convolutions of a training step.</summary>
    /// <param name="teacher">In evaluation mode.</param>
    /// <param name="inputs">The whole batch.</param>
    /// <param name="part">From 0.</param>
    public static Tensor Part(nn.Module<Tensor, Tensor> teacher, Tensor inputs, int part)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var fast = new FastInference();
        var first = (long)part * PicturesOfPart;
        var pictures = inputs.slice(0, first, Math.Min(first + PicturesOfPart, inputs.shape[0]), 1);
        return teacher.call(pictures).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

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
