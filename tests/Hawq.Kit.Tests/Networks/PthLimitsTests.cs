using System.Diagnostics;
using System.IO.Compression;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Networks;

/// <summary>Checkpoints that claim more than they hold, and what is taken of those that do not.</summary>
public class PthLimitsTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_storage_that_claims_more_than_its_file_has_is_refused_before_memory_is_taken(bool isZip)
    {
        const long claimed = 400_000_000;
        using var folder = new TemporaryFolder();
        var pickle = PthBytes.Pickle(new PthTensor("a", [1]) { Count = claimed });
        if (isZip)
        {
            PthBytes.Zip(folder["x.pth"], pickle);
        }
        else
        {
            PthBytes.Legacy(folder["x.pth"], pickle, claimed, new byte[4]);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        var message = Should.Throw<InvalidDataException>(() => PthFile.Read(folder["x.pth"])).Message;
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(10_000_000);
        message.ShouldContain(isZip ? "storage 0 has 4 bytes in 4 of the zip; expected 1600000000" : "expected 400000000 in 1600000000 bytes, of which 4 are left");
    }

    [Fact]
    public void A_compressed_storage_is_refused()
    {
        using var folder = new TemporaryFolder();
        var pickle = PthBytes.Pickle(new PthTensor("a", [1]) { Count = 1000 });
        PthBytes.Zip(folder["x.pth"], pickle, new byte[4000], CompressionLevel.Fastest);
        Should.Throw<InvalidDataException>(() => PthFile.Read(folder["x.pth"])).Message.ShouldContain("expected 4000, not compressed");
        PthBytes.Zip(folder["y.pth"], pickle, new byte[4000]);
        using var tensor = PthFile.Read(folder["y.pth"])["a"];
        tensor.item<float>().ShouldBe(0);
    }

    /// <summary>As copies of the whole storage, 16 MB each, they would take a minute or more.</summary>
    [Fact]
    public void Ten_thousand_views_of_one_storage_take_no_longer_than_their_numbers()
    {
        const int views = 10_000;
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var numbers = Enumerable.Range(0, 400 * views).Select(k => (float)k).ToArray();
        PthBytes.Zip(
            folder["x.pth"],
            PthBytes.Pickle(Enumerable.Range(0, views).Select(k => new PthTensor($"{k}", [1]) { Offset = 400 * k, Count = numbers.Length })),
            MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray());
        var clock = Stopwatch.StartNew();
        var tensors = PthFile.Read(folder["x.pth"]);
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(15));
        tensors.Count.ShouldBe(views);
        Enumerable.Range(0, views).All(k => tensors[$"{k}"].item<float>() == 400 * k).ShouldBeTrue();
    }

    [Theory]
    [InlineData(new[] { 2L, 3L }, new[] { 1L, 2L }, 3)]
    [InlineData(new[] { 2L, 3L }, new[] { 3L, 1L }, 14)]
    [InlineData(new[] { 3L, 2L }, new[] { 7L, 5L }, 0)]
    [InlineData(new[] { 4L }, new[] { 0L }, 19)]
    [InlineData(new[] { 1L, 2L, 1L }, new[] { 99L, 4L, 99L }, 2)]
    [InlineData(new long[0], new long[0], 7)]
    [InlineData(new[] { 0L, 3L }, new[] { 3L, 1L }, 0)]
    [InlineData(new[] { 2L, 0L }, new[] { 50L, 1L }, 19)]
    public void A_view_has_the_numbers_that_its_strides_say(long[] shape, long[] strides, long offset)
    {
        using var folder = new TemporaryFolder();
        var numbers = Enumerable.Range(0, 20).Select(k => (float)k).ToArray();
        var pickle = PthBytes.Pickle(new PthTensor("a", shape) { Strides = strides, Offset = offset, Count = numbers.Length });
        PthBytes.Zip(folder["x.pth"], pickle, MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray());
        using var read = PthFile.Read(folder["x.pth"])["a"];
        using var dense = read.contiguous();
        read.shape.ShouldBe(shape);
        List<long> places = [offset];
        for (var axis = 0; axis < shape.Length; axis++)
        {
            var (size, stride) = (shape[axis], strides[axis]);
            places = [.. places.SelectMany(place => Enumerable.Range(0, (int)size).Select(k => place + (k * stride)))];
        }

        dense.numel().ShouldBe(places.Count);
        if (places.Count > 0)
        {
            dense.data<float>().ToArray().ShouldBe(places.Select(place => (float)place));
        }
    }

    [Theory]
    [InlineData(12, true)]
    [InlineData(40, false)]
    public void Tensors_that_share_a_storage_are_read_up_to_a_multiple_of_the_file(int tensors, bool isRead)
    {
        const int count = 1 << 19;
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var pickle = PthBytes.Pickle(Enumerable.Range(0, tensors).Select(k => new PthTensor($"{k}", [count]) { Strides = [1], Count = count }));
        PthBytes.Zip(folder["x.pth"], pickle, new byte[4 * count]);
        if (isRead)
        {
            PthFile.Read(folder["x.pth"]).Count.ShouldBe(tensors);
        }
        else
        {
            Should.Throw<InvalidDataException>(() => PthFile.Read(folder["x.pth"])).Message.ShouldContain("more than 16 times its bytes");
        }
    }

    /// <summary>Two numbers each, but a copy from the first to the last of each would be the whole storage.</summary>
    [Fact]
    public void Tensors_that_span_a_storage_count_as_that_much()
    {
        const int count = 1 << 19;
        using var folder = new TemporaryFolder();
        var pickle = PthBytes.Pickle(Enumerable.Range(0, 40).Select(k => new PthTensor($"{k}", [2]) { Strides = [count - 1], Count = count }));
        PthBytes.Zip(folder["x.pth"], pickle, new byte[4 * count]);
        Should.Throw<InvalidDataException>(() => PthFile.Read(folder["x.pth"])).Message.ShouldContain("more than 16 times its bytes");
    }

    [Theory]
    [InlineData("Float", 2)]
    [InlineData("Int", 1)]
    public void A_storage_of_two_sizes_or_types_is_refused(string type, long count)
    {
        using var folder = new TemporaryFolder();
        PthBytes.Zip(folder["x.pth"], PthBytes.Pickle(new PthTensor("a", [1]), new PthTensor("b", [1]) { Type = type, Count = count }));
        Should.Throw<InvalidDataException>(() => PthFile.Read(folder["x.pth"])).Message.ShouldContain($"storage 0 has {count} numbers of type ");
    }

    [Fact]
    public void A_storage_that_is_a_part_of_another_is_refused()
    {
        using var folder = new TemporaryFolder();
        PthBytes.Legacy(folder["x.pth"], PthBytes.Pickle(new PthTensor("a", [1]) { IsPart = true }), 1, new byte[4]);
        Should.Throw<InvalidDataException>(() => PthFile.Read(folder["x.pth"])).Message.ShouldContain("storage 0 is a part of another");
        PthBytes.Legacy(folder["y.pth"], PthBytes.Pickle(new PthTensor("a", [1])), 1, BitConverter.GetBytes(5f));
        using var whole = PthFile.Read(folder["y.pth"])["a"];
        whole.item<float>().ShouldBe(5);
    }

    /// <summary>OrderedDict([["a", 1]]): Python 3 makes an empty one and sets its items.</summary>
    [Fact]
    public void A_dictionary_as_Python_2_writes_it_is_refused()
    {
        using var folder = new TemporaryFolder();
        PthBytes.Zip(folder["x.pth"], [0x80, 2, .. "ccollections\nOrderedDict\n](](X\u0001\0\0\0aK\u0001ee"u8, 0x85, .. "R."u8]);
        Should.Throw<InvalidDataException>(() => PthFile.Read(folder["x.pth"])).Message.ShouldContain("as Python 2 does; load and save it once with Python 3.");
    }
}
