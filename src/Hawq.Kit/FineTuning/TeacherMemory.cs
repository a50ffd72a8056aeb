using System.Collections.Concurrent;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>
/// What a float network answered as a teacher, by batch. Fine-tunings that see the same batches, those of one seed, batch size, epoch
/// length and set of training pictures, ask it once between them, also where they run side by side.
/// </summary>
/// <remarks>
/// A batch is known by 64 bits of a SHA-256 of its pictures. Trainings that come to it at the same time answer parts of it for each other.
/// The numbers are those without a memory, to the bit. An answer takes 4 bytes a picture and class: 54 MB for 30 epochs of CIFAR-10. Beyond
/// a GiB no more are kept.
/// </remarks>
public sealed class TeacherMemory : IDisposable
{
    private const int PicturesOfPart = 64;

    private readonly ConcurrentDictionary<string, TeacherAnswer> _answers = new();
    private readonly Network _teacher;
    private readonly long _mostBytes;
    private long _bytes;
    private int _partsAsked;

    /// <summary>Makes an empty memory.</summary>
    /// <param name="teacher">The float network; a copy of it answers.</param>
    public TeacherMemory(Network teacher)
        : this(teacher, 1L << 30)
    {
    }

    internal TeacherMemory(Network teacher, long mostBytes)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        (_teacher, _mostBytes) = (teacher.Clone(), mostBytes);
        _teacher.eval();
        State = ModelFingerprint.Of(_teacher);
    }

    /// <summary>Batches that are kept.</summary>
    internal int Count => _answers.Count;

    /// <summary>How often the teacher was asked for a part of a batch.</summary>
    internal int PartsAsked => _partsAsked;

    /// <summary>The teacher's weights.</summary>
    internal string State { get; }

    /// <summary>Frees the copy of the teacher.</summary>
    public void Dispose() => _teacher.Dispose();

    /// <summary>The teacher's outputs for a batch, (N, classes), in float32.</summary>
    internal Tensor Answer(Tensor inputs)
    {
        var (name, mine) = (Name(inputs), new TeacherAnswer((int)((inputs.shape[0] + PicturesOfPart - 1) / PicturesOfPart)));
        var answer = _answers.TryGetValue(name, out var kept) ? kept : Interlocked.Read(ref _bytes) < _mostBytes ? _answers.GetOrAdd(name, mine) : mine;
        try
        {
            answer.Complete(part => Part(inputs, part));
            var numbers = answer.Numbers;
            Interlocked.Add(ref _bytes, ReferenceEquals(answer, mine) ? numbers.Length * sizeof(float) : 0);
            return tensor(numbers, [inputs.shape[0], numbers.Length / inputs.shape[0]], device: inputs.device);
        }
        catch
        {
            _answers.TryRemove(name, out _);
            throw;
        }
    }

    private static string Name(Tensor inputs)
    {
        using var scope = NewDisposeScope();
        return $"{inputs.dtype} {string.Join('×', inputs.shape)} {Fingerprint.Of(inputs.permute(0, 2, 3, 1).contiguous().cpu().bytes)}";
    }

    private float[] Part(Tensor inputs, int part)
    {
        Interlocked.Increment(ref _partsAsked);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var fast = new FastInference();
        var first = (long)part * PicturesOfPart;
        var pictures = inputs.slice(0, first, Math.Min(first + PicturesOfPart, inputs.shape[0]), 1);
        return _teacher.call(pictures).ToFloats();
    }
}
