using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Quantize-dequantize of float32 CPU tensors in one pass over memory, in the two dense layouts (NCHW and channels-last).</summary>
internal static unsafe class FusedSnap
{
    private const int Chunk = 1 << 16;

    private delegate void Kernel(nint values, nint gradients, nint result, int count);

    /// <summary>A grid of one scale as plain numbers; the integer bounds are relative to the zero point.</summary>
    internal readonly record struct Constants(float Scale, float Lowest, float Highest)
    {
        public static Constants Of(QuantizationGrid grid)
        {
            var zero = grid.ZeroPoint.item<float>();
            return new(grid.Scale.item<float>(), grid.Range.Lowest - zero, grid.Range.Highest - zero);
        }
    }

    public static bool TryForward(Tensor values, Constants grid, out Tensor result)
    {
        result = values;
        if (!Fits(values))
        {
            return false;
        }

        result = empty_like(values);
        return Run(values, values, result, (x, _, y, n) => Snap((float*)x, (float*)y, n, grid));
    }

    public static bool TryBackward(Tensor values, Tensor gradients, Constants grid, out Tensor result)
    {
        result = values;
        if (!Fits(values) || !Fits(gradients) || !values.stride().SequenceEqual(gradients.stride()))
        {
            return false;
        }

        result = empty_like(values);
        return Run(values, gradients, result, (x, g, y, n) => Mask((float*)x, (float*)g, (float*)y, n, grid));
    }

    private static bool Fits(Tensor tensor) =>
        tensor.device_type == DeviceType.CPU && tensor.dtype == ScalarType.Float32 && tensor.numel() is > 0 and < int.MaxValue / 4
        && (tensor.is_contiguous() || IsChannelsLast(tensor));

    private static bool IsChannelsLast(Tensor tensor)
    {
        if (tensor.dim() != 4)
        {
            return false;
        }

        var (size, stride) = (tensor.shape, tensor.stride());
        return stride[1] == 1 && stride[3] == size[1] && stride[2] == size[1] * size[3] && stride[0] == size[1] * size[3] * size[2];
    }

    private static bool Run(Tensor values, Tensor gradients, Tensor result, Kernel kernel)
    {
        var (x, g, y) = (Address(values), Address(gradients), Address(result));
        var count = (int)values.numel();
        var chunks = (count + Chunk - 1) / Chunk;
        Parallel.For(0, chunks, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, get_num_threads()) }, k =>
        {
            var offset = (nint)k * Chunk * sizeof(float);
            kernel(x + offset, g + offset, y + offset, Math.Min(Chunk, count - (k * Chunk)));
        });
        return true;
    }

    /// <summary>Address of the first element. The caller keeps the tensor alive; native memory does not move.</summary>
    private static nint Address(Tensor tensor)
    {
        using var flat = tensor.as_strided([tensor.numel()], [1], tensor.storage_offset());
        return (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(flat.bytes));
    }

    private static void Snap(float* x, float* y, int count, Constants grid)
    {
        var (scale, lowest, highest) = (new Vector<float>(grid.Scale), new Vector<float>(grid.Lowest), new Vector<float>(grid.Highest));
        var k = 0;
        for (; k <= count - Vector<float>.Count; k += Vector<float>.Count)
        {
            var integers = Vector.Round(Vector.Load(x + k) / scale);
            Vector.Store(Vector.Min(Vector.Max(integers, lowest), highest) * scale, y + k);
        }

        for (; k < count; k++)
        {
            y[k] = MathF.Min(MathF.Max(MathF.Round(x[k] / grid.Scale), grid.Lowest), grid.Highest) * grid.Scale;
        }
    }

    private static void Mask(float* x, float* gradient, float* y, int count, Constants grid)
    {
        var (scale, lowest, highest) = (new Vector<float>(grid.Scale), new Vector<float>(grid.Lowest), new Vector<float>(grid.Highest));
        var k = 0;
        for (; k <= count - Vector<float>.Count; k += Vector<float>.Count)
        {
            var integers = Vector.Round(Vector.Load(x + k) / scale);
            var inside = Vector.GreaterThanOrEqual(integers, lowest) & Vector.LessThanOrEqual(integers, highest);
            Vector.Store(Vector.ConditionalSelect(inside, Vector.Load(gradient + k), Vector<float>.Zero), y + k);
        }

        for (; k < count; k++)
        {
            var integer = MathF.Round(x[k] / grid.Scale);
            y[k] = integer >= grid.Lowest && integer <= grid.Highest ? gradient[k] : 0;
        }
    }
}
