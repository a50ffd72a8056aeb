using SkiaSharp;

namespace Hawq.Kit;

/// <summary>Decodes a picture file to RGB bytes, upright.</summary>
/// <remarks>
/// As PIL's <c>convert("RGB")</c>: greyscale becomes three equal channels, CMYK is converted without a profile, colour profiles and
/// alpha are ignored. Unlike torchvision's loader, a picture that its EXIF data call rotated is turned upright.
/// </remarks>
internal static class PictureFile
{
    private const long LargestFile = 256L << 20;
    private const long MostPixels = 178_956_970; // where PIL refuses a picture as a decompression bomb

    /// <exception cref="InvalidDataException">The file is no whole, decodable picture; the message says why.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static RgbaPicture Decode(string path)
    {
        using var data = SKData.CreateCopy(Bytes(path));
        using var codec = SKCodec.Create(data) ?? throw new InvalidDataException("no picture of a known format");
        var (width, height) = (codec.Info.Width, codec.Info.Height);
        if (width < 1 || height < 1 || (long)width * height > MostPixels)
        {
            throw new InvalidDataException($"{width} × {height} pixels; expected 1 to {MostPixels:N0} in all");
        }

        var picture = new RgbaPicture(width, height);
        var result = Into(picture, codec);
        if (result != SKCodecResult.Success)
        {
            picture.Dispose();
            throw new InvalidDataException($"decoding ended with {result}");
        }

        return Upright(picture, codec.EncodedOrigin);
    }

    private static byte[] Bytes(string path)
    {
        var length = new FileInfo(path).Length;
        return length <= LargestFile ? File.ReadAllBytes(path) : throw new InvalidDataException($"{length:N0} bytes; expected at most {LargestFile:N0}");
    }

    private static unsafe SKCodecResult Into(RgbaPicture picture, SKCodec codec)
    {
        fixed (byte* start = picture.Bytes)
        {
            var info = new SKImageInfo(picture.Width, picture.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
            return codec.GetPixels(info, (IntPtr)start);
        }
    }

    private static RgbaPicture Upright(RgbaPicture picture, SKEncodedOrigin origin)
    {
        if (origin is < SKEncodedOrigin.TopRight or > SKEncodedOrigin.LeftBottom)
        {
            return picture;
        }

        using (picture)
        {
            var (width, height) = (picture.Width, picture.Height);
            var swaps = origin >= SKEncodedOrigin.LeftTop;
            var upright = new RgbaPicture(swaps ? height : width, swaps ? width : height);
            for (var y = 0; y < upright.Height; y++)
            {
                for (var x = 0; x < upright.Width; x++)
                {
                    var (column, row) = Source(origin, x, y, width - 1, height - 1);
                    upright.Pixels[(y * upright.Width) + x] = picture.Pixels[(row * width) + column];
                }
            }

            return upright;
        }
    }

    private static (int Column, int Row) Source(SKEncodedOrigin origin, int x, int y, int right, int bottom) => origin switch
    {
        SKEncodedOrigin.TopRight => (right - x, y),
        SKEncodedOrigin.BottomRight => (right - x, bottom - y),
        SKEncodedOrigin.BottomLeft => (x, bottom - y),
        SKEncodedOrigin.LeftTop => (y, x),
        SKEncodedOrigin.RightTop => (y, bottom - x),
        SKEncodedOrigin.RightBottom => (right - y, bottom - x),
        _ => (right - y, x),
    };
}
