using System.Text;
using System.Text.Json;
using SkiaSharp;

namespace Hawq.Kit.Tests.Data;

public class Cifar10PicturesTests
{
    [Fact]
    public void A_row_of_a_batch_becomes_a_record_of_its_label_and_its_planes()
    {
        var parts = Labelled();
        parts["data_batch_1.png"] = Png(1024, 10_000);
        var (name, bytes) = Cifar10Pictures.ToBinary(parts, null).First();
        name.ShouldBe("data_batch_1.bin");
        bytes.Length.ShouldBe(10_000 * 3073);
        var last = bytes.AsSpan(9_999 * 3073);
        last[0].ShouldBe((byte)9);
        (last[1 + 5], last[1 + 1024 + 5], last[1 + 2048 + 5]).ShouldBe(((byte)1, (byte)2, (byte)3));
        bytes[(9_998 * 3073) + 1 + 5].ShouldBe((byte)0);
    }

    [Fact]
    public void Progress_counts_the_bytes_that_are_unpacked()
    {
        var parts = Labelled();
        parts["data_batch_1.png"] = parts["data_batch_2.png"] = Png(1024, 10_000);
        var heard = new List<DownloadProgress>();
        Cifar10Pictures.ToBinary(parts, new Listener<DownloadProgress>(heard.Add)).Take(2).Sum(file => file.Bytes.Length).ShouldBe(2 * 30_730_000);
        heard.ShouldBe([new DownloadProgress("unpacking data_batch_1.bin", 0, 6 * 30_730_000), new DownloadProgress("unpacking data_batch_2.bin", 30_730_000, 6 * 30_730_000)]);
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("[1, 2")]
    [InlineData("{}")]
    [InlineData("[1, null]")]
    [InlineData("[1, 99999999999]")]
    [InlineData("[1, 2]")]
    [InlineData("null")]
    public void Labels_that_are_no_list_of_50_000_are_refused(string json)
    {
        var parts = Labelled();
        parts["train_lables.json"] = Encoding.UTF8.GetBytes(json);
        Should.Throw<InvalidDataException>(() => Cifar10Pictures.ToBinary(parts, null).First()).Message.ShouldStartWith("train_lables.json holds ");
    }

    [Fact]
    public void A_batch_that_lacks_or_is_no_picture_of_all_rows_is_refused()
    {
        var parts = Labelled();
        First(parts).ShouldBe("the package lacks data_batch_1.png");
        parts["data_batch_1.png"] = [1, 2, 3];
        First(parts).ShouldBe("a batch is no PNG picture");
        parts["data_batch_1.png"] = Png(1024, 10);
        First(parts).ShouldBe("a batch has 1024 × 10 pixels; expected 1024 × 10000");

        static string First(Dictionary<string, byte[]> parts) =>
            Should.Throw<InvalidDataException>(() => Cifar10Pictures.ToBinary(parts, null).First()).Message;
    }

    private static Dictionary<string, byte[]> Labelled() => new()
    {
        ["train_lables.json"] = JsonSerializer.SerializeToUtf8Bytes(Enumerable.Range(0, 50_000).Select(k => k % 10)),
        ["test_lables.json"] = JsonSerializer.SerializeToUtf8Bytes(Enumerable.Range(0, 10_000).Select(k => k % 10)),
    };

    /// <summary>A black picture but for one pixel of the last row, the sixth.</summary>
    private static byte[] Png(int width, int height)
    {
        using var bitmap = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        bitmap.Erase(SKColors.Black);
        bitmap.SetPixel(5, height - 1, new SKColor(1, 2, 3));
        using var pixels = bitmap.PeekPixels()!;
        using var file = new MemoryStream();
        pixels.Encode(file, new SKPngEncoderOptions(SKPngEncoderFilterFlags.None, 1)).ShouldBeTrue();
        return file.ToArray();
    }
}
