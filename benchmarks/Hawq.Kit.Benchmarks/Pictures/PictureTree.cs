using SkiaSharp;

namespace Hawq.Kit.Benchmarks;

/// <summary>
/// A temporary folder of JPEG files in class folders: copies of the pictures in <c>../shared/imagenet-sample</c> beside the repository
/// where there are some, else made ones of ImageNet's most frequent size and mean length.
/// </summary>
internal sealed class PictureTree : IDisposable
{
    private const int Classes = 10;
    private const int Made = 50;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hawq-pictures-");

    public PictureTree(int count)
    {
        var sample = new DirectoryInfo(System.IO.Path.Combine(BenchmarkOptions.Root, "..", "shared", "imagenet-sample"));
        var originals = sample.Exists
            ? [.. sample.EnumerateFiles("*.JPEG", SearchOption.AllDirectories).OrderBy(file => file.Name, StringComparer.Ordinal).Select(file => File.ReadAllBytes(file.FullName))]
            : Enumerable.Range(0, Made).Select(Make).ToList();
        Words = sample.Exists ? $"copies of {originals.Count} ImageNet pictures" : $"copies of {Made} made pictures of 500 × 375 pixels";
        MeanBytes = originals.Average(bytes => bytes.Length);
        for (var k = 0; k < count; k++)
        {
            var place = _folder.CreateSubdirectory($"class{k % Classes}");
            File.WriteAllBytes(System.IO.Path.Combine(place.FullName, $"{k:D5}.JPEG"), originals[k % originals.Count]);
        }
    }

    public string Path => _folder.FullName;

    /// <summary>What the pictures are.</summary>
    public string Words { get; }

    /// <summary>Mean length of a file.</summary>
    public double MeanBytes { get; }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Waves of many lengths and some grain: about 110 kB at quality 90, as ImageNet's files.</summary>
    private static byte[] Make(int seed)
    {
        using var bitmap = new SKBitmap(500, 375);
        var random = new SplitMix64(seed, 0);
        var waves = Enumerable.Range(0, 12).Select(k => (X: Wave(ref random, k), Y: Wave(ref random, k), Hue: random.Below(3))).ToArray();
        for (var y = 0; y < bitmap.Height; y++)
        {
            for (var x = 0; x < bitmap.Width; x++)
            {
                Span<double> color = [128, 128, 128];
                foreach (var wave in waves)
                {
                    color[wave.Hue] += 25 * Math.Sin((x * wave.X) + (y * wave.Y));
                }

                var grain = random.Below(24);
                bitmap.SetPixel(x, y, new SKColor(Byte(color[0] + grain), Byte(color[1] + grain), Byte(color[2] + grain)));
            }
        }

        using var encoded = bitmap.Encode(SKEncodedImageFormat.Jpeg, 90);
        return encoded.ToArray();
    }

    private static double Wave(ref SplitMix64 random, int octave) => (random.Unit() - 0.5) * Math.Pow(1.5, octave) / 50;

    private static byte Byte(double value) => (byte)Math.Clamp(value, 0, 255);
}
