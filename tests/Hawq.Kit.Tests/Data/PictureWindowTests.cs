using CsCheck;

namespace Hawq.Kit.Tests.Data;

public class PictureWindowTests
{
    [Fact]
    public void Random_window_lies_in_the_picture_with_area_and_ratio_in_range() =>
        Gen.Select(Gen.Int[1, 600], Gen.Int[1, 600], Gen.Long).Sample((width, height, seed) =>
        {
            var random = new SplitMix64(seed);
            var window = PictureWindow.Random(width, height, 24, true, ref random);
            var ratio = (double)window.Width / window.Height;
            var isInside = window.Left >= 0 && window.Top >= 0 && window.Width >= 1 && window.Height >= 1
                && window.Left + window.Width <= width && window.Top + window.Height <= height;
            var slack = 1 + (2.0 / Math.Min(window.Width, window.Height)); // rounding of both sides
            return isInside && (Math.Min(width, height) < 8 || (ratio < 4.0 / 3 * slack && ratio > 0.75 / slack));
        });

    [Fact]
    public void Area_of_the_random_window_is_uniform_in_a_square_picture()
    {
        var areas = Enumerable.Range(0, 4000).Select(seed =>
        {
            var random = new SplitMix64(seed);
            var window = PictureWindow.Random(1000, 1000, 24, false, ref random);
            return window.Width * (double)window.Height / 1e6;
        }).ToArray();
        areas.Min().ShouldBeInRange(0.078, 0.1);

        // Areas near 1 are drawn again where the ratio makes them too wide: a is kept when |ln ratio| ≤ −ln a, i.e. with
        // probability min(1, −ln a / ln(4/3)).
        var kept = Enumerable.Range(0, 100_000).Select(k => 0.08 + (0.92 * (k + 0.5) / 100_000))
            .Select(a => (Area: a, Weight: Math.Min(1, -Math.Log(a) / Math.Log(4.0 / 3)))).ToArray();
        var mean = kept.Sum(a => a.Area * a.Weight) / kept.Sum(a => a.Weight);
        areas.Average().ShouldBe(mean, 4 * 0.25 / Math.Sqrt(4000)); // four standard errors
    }

    [Fact]
    public void Half_of_the_windows_are_mirrored() =>
        ((double)Enumerable.Range(0, 4000).Count(seed =>
        {
            var random = new SplitMix64(seed);
            return PictureWindow.Random(100, 80, 24, true, ref random).Mirrored;
        })).ShouldBe(2000, 4 * 0.5 * Math.Sqrt(4000));

    [Theory]
    [InlineData(500, 375, 341, 256, 58, 16)]
    [InlineData(375, 500, 256, 341, 16, 58)]
    [InlineData(256, 256, 256, 256, 16, 16)]
    [InlineData(500, 333, 384, 256, 80, 16)]
    public void Middle_window_is_that_of_torchvision(int width, int height, int resizedWidth, int resizedHeight, int left, int top)
    {
        var window = PictureWindow.Center(width, height, 256, 224);
        (window.ResizedWidth, window.ResizedHeight, window.CropLeft, window.CropTop).ShouldBe((resizedWidth, resizedHeight, left, top));
    }

    [Theory]
    [InlineData(10_000_000, 1)]
    [InlineData(1, 10_000_000)]
    public void A_picture_whose_longer_side_has_no_number_is_refused(int width, int height) =>
        Should.Throw<InvalidDataException>(() => PictureWindow.Center(width, height, 256, 224)).Message.ShouldBe(
            $"{width} × {height} pixels; expected a longer side of at most 8,388,607 times the shorter, which becomes 256");

    [Fact]
    public void Mirrored_window_is_the_mirror_image()
    {
        using var picture = PictureFile.Decode(Given.Fixture("pictures/odd/alpha.png"));
        var window = PictureWindow.Center(picture.Width, picture.Height, 32, 24);
        byte[] plain = new byte[3 * 24 * 24], mirrored = new byte[3 * 24 * 24];
        PictureResampler.Resample(picture, window, 24, plain);
        PictureResampler.Resample(picture, window with { Mirrored = true }, 24, mirrored);
        for (var y = 0; y < 24; y++)
        {
            for (var x = 0; x < 24; x++)
            {
                mirrored.AsSpan(3 * ((y * 24) + 23 - x), 3).SequenceEqual(plain.AsSpan(3 * ((y * 24) + x), 3)).ShouldBeTrue();
            }
        }
    }
}
