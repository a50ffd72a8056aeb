namespace Hawq.Kit;

/// <summary>What of a picture becomes a network input: a region is resized, and a square window is cut from the result.</summary>
/// <param name="Left">First column of the region.</param>
/// <param name="Top">First row of the region.</param>
/// <param name="Width">Columns of the region.</param>
/// <param name="Height">Rows of the region.</param>
/// <param name="ResizedWidth">Columns that the region becomes.</param>
/// <param name="ResizedHeight">Rows that the region becomes.</param>
internal readonly record struct PictureWindow(int Left, int Top, int Width, int Height, int ResizedWidth, int ResizedHeight)
{
    private const int Attempts = 10;
    private const double SmallestArea = 0.08;
    private const double WidestRatio = 4.0 / 3;

    /// <summary>First column of the window in the resized region.</summary>
    public int CropLeft { get; init; }

    /// <summary>First row of the window in the resized region.</summary>
    public int CropTop { get; init; }

    /// <summary>Whether the window is mirrored.</summary>
    public bool Mirrored { get; init; }

    /// <summary>torchvision's Resize(resize), CenterCrop(side): the shorter side becomes <paramref name="resize"/> ≥ <paramref name="side"/>.</summary>
    /// <exception cref="InvalidDataException">The picture is so flat or tall that its longer side would have too many pixels to count.</exception>
    public static PictureWindow Center(int width, int height, int resize, int side)
    {
        var shorter = Math.Min(width, height);
        var longer = (double)((long)resize * Math.Max(width, height)) / shorter;
        if (longer > int.MaxValue)
        {
            throw new InvalidDataException(
                FormattableString.Invariant($"{width} × {height} pixels; expected a longer side of at most {int.MaxValue / resize:N0} times the shorter, which becomes {resize}"));
        }

        var (w, h) = width <= height ? (resize, (int)longer) : ((int)longer, resize);
        return new PictureWindow(0, 0, width, height, w, h)
        {
            CropLeft = (int)Math.Round((w - side) / 2.0),
            CropTop = (int)Math.Round((h - side) / 2.0),
        };
    }

    /// <summary>torchvision's RandomResizedCrop(side): 8 to 100 % of the area, aspect ratio 3/4 to 4/3; ten attempts, then the middle.</summary>
    public static PictureWindow Random(int width, int height, int side, bool flips, ref SplitMix64 random)
    {
        var mirrored = flips && random.Below(2) == 1;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var area = (double)width * height * (SmallestArea + ((1 - SmallestArea) * random.Unit()));
            var ratio = Math.Exp(Math.Log(WidestRatio) * ((2 * random.Unit()) - 1));
            var (w, h) = ((int)Math.Round(Math.Sqrt(area * ratio)), (int)Math.Round(Math.Sqrt(area / ratio)));
            if (w >= 1 && h >= 1 && w <= width && h <= height)
            {
                return new PictureWindow(random.Below(width - w + 1), random.Below(height - h + 1), w, h, side, side) { Mirrored = mirrored };
            }
        }

        return Middle(width, height, side) with { Mirrored = mirrored };
    }

    private static PictureWindow Middle(int width, int height, int side)
    {
        var w = Math.Max(1, Math.Min(width, (int)Math.Round(height * WidestRatio)));
        var h = Math.Max(1, Math.Min(height, (int)Math.Round(width * WidestRatio)));
        return new PictureWindow((width - w) / 2, (height - h) / 2, w, h, side, side);
    }
}
