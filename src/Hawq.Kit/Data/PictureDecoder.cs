using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Decodes, resizes and crops the pictures of one batch in parallel, and makes tensors of them.</summary>
internal sealed class PictureDecoder(string root, int side, int resize, int workers, SkippedPictures skipped)
{
    private int Size => 3 * side * side;

    /// <summary>The bytes of a batch, (N, side, side, 3); pictures that cannot be decoded are left out.</summary>
    public DecodedBatch Decode(PictureEntry[] entries, Func<int, PictureWindowChoice> choose, CancellationToken stop)
    {
        var pixels = new byte[entries.Length][];
        var options = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = stop };
        Parallel.For(0, entries.Length, options, k => pixels[k] = Picture(entries[k].Path, choose(k)));
        var whole = Enumerable.Range(0, entries.Length).Where(k => pixels[k].Length > 0).ToArray();
        return new DecodedBatch([.. whole.Select(k => pixels[k])], [.. whole.Select(k => (long)entries[k].Label)]);
    }

    /// <summary>Normalised inputs (N, 3, side, side), channels last in memory, and targets.</summary>
    public Batch ToBatch(DecodedBatch decoded, float[][] tables)
    {
        using var values = empty(decoded.Pixels.Length, side, side, 3, ScalarType.Float32, CPU); // (N, H, W, C), as it is filled, whatever torch's default
        var floats = MemoryMarshal.Cast<byte, float>(values.bytes);
        for (var k = 0; k < decoded.Pixels.Length; k++)
        {
            var source = decoded.Pixels[k];
            var target = floats.Slice(k * Size, Size);
            for (var i = 0; i < Size; i += 3)
            {
                target[i] = tables[0][source[i]];
                target[i + 1] = tables[1][source[i + 1]];
                target[i + 2] = tables[2][source[i + 2]];
            }
        }

        var inputs = values.permute(0, 3, 1, 2).DetachFromDisposeScope();                   // (N, C, H, W), channels last
        return new Batch(inputs, tensor(decoded.Targets, device: CPU).DetachFromDisposeScope());
    }

    private byte[] Picture(string path, PictureWindowChoice choice)
    {
        try
        {
            using var picture = PictureFile.Decode(Path.Combine(root, path));
            var pixels = new byte[Size];
            PictureResampler.Resample(picture, choice.Of(picture.Width, picture.Height, resize, side), side, pixels);
            return pixels;
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            skipped.Add(path, error.Message);
            return [];
        }
    }
}

/// <summary>How the window of a picture is chosen: in the middle, or at random from a seed of its own.</summary>
/// <param name="Seed">Seed, or <see langword="null"/> for the middle.</param>
/// <param name="Stream">Number of the stream of the seed.</param>
/// <param name="Augmentation">Random changes.</param>
internal readonly record struct PictureWindowChoice(long? Seed, long Stream, Augmentation Augmentation)
{
    public static PictureWindowChoice Middle { get; } = new(null, 0, Augmentation.None);

    public PictureWindow Of(int width, int height, int resize, int side)
    {
        var random = new SplitMix64(Seed ?? 0, Stream);
        if (Seed is not null && Augmentation.Padding > 0)
        {
            return PictureWindow.Random(width, height, side, Augmentation.Flip, ref random);
        }

        var mirrored = Seed is not null && Augmentation.Flip && random.Below(2) == 1;
        return PictureWindow.Center(width, height, resize, side) with { Mirrored = mirrored };
    }
}

/// <summary>Bytes of a batch.</summary>
/// <param name="Pixels">N pictures of (side, side, 3) bytes.</param>
/// <param name="Targets">N class indices.</param>
internal readonly record struct DecodedBatch(byte[][] Pixels, long[] Targets);
