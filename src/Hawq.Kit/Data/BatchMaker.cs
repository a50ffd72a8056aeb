using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Turns chosen pictures into batches: crop, flip and normalisation in one pass over the bytes.</summary>
internal static class BatchMaker
{
    public static IEnumerable<Batch> Cut(ImageSet set, int[] order, int size, Augmentation augmentation, long seed, int epoch)
    {
        var tables = set.Normalization.Tables();
        for (var start = 0; start < order.Length; start += size)
        {
            yield return Make(set, order.AsSpan(start, Math.Min(size, order.Length - start)), tables, augmentation, seed, epoch);
        }
    }

    private static Batch Make(
        ImageSet set, ReadOnlySpan<int> chosen, float[][] tables, Augmentation augmentation, long seed, int epoch)
    {
        var side = set.Side;
        using var pixels = empty(chosen.Length, side, side, 3, ScalarType.Float32, CPU);    // (N, H, W, C), as it is filled, whatever torch's default
        var floats = MemoryMarshal.Cast<byte, float>(pixels.bytes);
        var targets = new long[chosen.Length];
        for (var k = 0; k < chosen.Length; k++)
        {
            var index = chosen[k];
            var random = new SplitMix64(seed ^ ((long)index << 20), epoch + 1);
            var window = Window.Draw(augmentation, ref random);
            var source = set.Pixels.Slice(index * 3 * side * side, 3 * side * side);
            Fill(floats.Slice(k * 3 * side * side, 3 * side * side), source, side, window, tables);
            targets[k] = set.Labels[index];
        }

        var inputs = pixels.permute(0, 3, 1, 2).DetachFromDisposeScope();                   // (N, C, H, W), channels last
        return new Batch(inputs, tensor(targets, device: CPU).DetachFromDisposeScope());
    }

    private static void Fill(Span<float> target, ReadOnlySpan<byte> source, int side, Window window, float[][] tables)
    {
        for (var channel = 0; channel < 3; channel++)
        {
            var table = tables[channel];
            var plane = source.Slice(channel * side * side, side * side);
            for (var y = 0; y < side; y++)
            {
                var row = y + window.Top;
                var inside = (uint)row < (uint)side;
                for (var x = 0; x < side; x++)
                {
                    var column = (window.Mirrored ? side - 1 - x : x) + window.Left;
                    target[(((y * side) + x) * 3) + channel] =
                        inside && (uint)column < (uint)side ? table[plane[(row * side) + column]] : 0f;
                }
            }
        }
    }

    /// <summary>Where a picture is cut, relative to its own corner, and whether it is mirrored.</summary>
    private readonly record struct Window(int Top, int Left, bool Mirrored)
    {
        public static Window Draw(Augmentation augmentation, ref SplitMix64 random)
        {
            var span = (2 * augmentation.Padding) + 1;
            return new Window(
                random.Below(span) - augmentation.Padding,
                random.Below(span) - augmentation.Padding,
                augmentation.Flip && random.Below(2) == 1);
        }
    }
}
