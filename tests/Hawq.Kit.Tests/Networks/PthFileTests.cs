using System.IO.Compression;
using System.Text;

namespace Hawq.Kit.Tests.Networks;

public class PthFileTests
{
    [Theory]
    [InlineData("tiny-legacy.pth")]
    [InlineData("tiny-zip.pth")]
    public void Files_of_torch_save_are_read_in_both_formats(string name)
    {
        var tensors = PthFile.Read(Given.Fixture(name));
        tensors["module.a"].shape.ShouldBe([2, 3]);
        tensors["module.a"].data<float>().ToArray().ShouldBe([0, 1, 2, 3, 4, 5]);
        tensors["module.b"].shape.ShouldBe([3, 2]);
        tensors["module.b"].contiguous().data<float>().ToArray().ShouldBe([0, 3, 1, 4, 2, 5]);
        tensors["module.n"].item<long>().ShouldBe(7);
        tensors["module.d"].data<double>().ToArray().ShouldBe([0.5, -2]);
    }

    [Theory]
    [InlineData("evil-legacy.pth")]
    [InlineData("evil-zip.pth")]
    public void Malicious_pickle_is_refused_by_name(string name) =>
        Should.Throw<InvalidDataException>(() => PthFile.Read(Given.Fixture(name))).Message.ShouldContain(".system");

    [Fact]
    public void Truncated_pickles_are_refused_at_every_length()
    {
        using var folder = new TemporaryFolder();
        var bytes = File.ReadAllBytes(Given.Fixture("tiny-legacy.pth"));
        for (var length = 0; length < bytes.Length; length += 7)
        {
            File.WriteAllBytes(folder["x.pth"], bytes[..length]);
            Should.Throw<InvalidDataException>(() => PthFile.Read(folder["x.pth"]));
        }
    }

    /// <summary>The file has one number.</summary>
    [Theory]
    [InlineData(new[] { 1L << 33 }, 1, "reaches outside its storage")]
    [InlineData(new[] { 0, 1L << 62, 1L << 62 }, 1, "sizes beyond libtorch's")]
    [InlineData(new[] { 1L << 62, 1L << 62, 0 }, 1, "sizes beyond libtorch's")]
    [InlineData(new[] { 1L }, (1L << 61) + 1, "at most")]
    public void A_tensor_larger_than_its_file_is_refused_before_memory_is_taken(long[] shape, long count, string said)
    {
        using var folder = new TemporaryFolder();
        Zip(folder["x.pth"], Pickle(count, ("a", shape)));
        Should.Throw<InvalidDataException>(() => PthFile.Read(folder["x.pth"])).Message.ShouldContain(said);
    }

    [Fact]
    public void Tensors_that_were_read_before_the_damage_are_freed()
    {
        using var folder = new TemporaryFolder();
        Zip(folder["x.pth"], Pickle(1, ("a", [1]), ("b", [2])));
        var before = Given.LiveTensors;
        Should.Throw<InvalidDataException>(() => PthFile.Read(folder["x.pth"]));
        Given.LiveTensors.ShouldBe(before);
        Zip(folder["y.pth"], Pickle(1, ("a", [1]), ("b", [0, 3])));
        var tensors = PthFile.Read(folder["y.pth"]);
        Given.LiveTensors.ShouldBe(before + 2);
        tensors["b"].shape.ShouldBe([0, 3]);
    }

    [Fact]
    public void A_pickle_of_more_bytes_than_names_need_is_refused_by_what_it_claims_and_by_what_is_read()
    {
        using var folder = new TemporaryFolder();
        Zip(folder["x.pth"], new byte[(64 << 20) + 1]);
        new FileInfo(folder["x.pth"]).Length.ShouldBeLessThan(1 << 20);
        var message = Should.Throw<InvalidDataException>(() => PthFile.Read(folder["x.pth"])).Message;
        message.ShouldContain("the pickle has 67108865 bytes or more; at most 67108864 are read. Save the state dict alone");

        using var texts = new MemoryStream();
        byte[] text = [(byte)'X', .. BitConverter.GetBytes(1 << 20), .. new byte[1 << 20]];
        for (var k = 0; k < 64; k++)
        {
            texts.Write(text);
        }

        texts.Position = 0;
        Should.Throw<InvalidDataException>(() => new Unpickler(texts, _ => "").Load()).Message.ShouldContain("at most 67108864 are read");
    }

    [Theory]
    [InlineData("q\0.")]
    [InlineData("ctorch._utils\n_rebuild_parameter\n)R.")]
    [InlineData("((t.")]
    public void A_nonsensical_pickle_is_refused(string pickle)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["x.pth"], Encoding.Latin1.GetBytes(pickle));
        Should.Throw<InvalidDataException>(() => PthFile.Read(folder["x.pth"])).Message.ShouldContain("x.pth");
    }

    private static void Zip(string path, byte[] pickle)
    {
        using var zip = ZipFile.Open(path, ZipArchiveMode.Create);
        Add("archive/data.pkl", pickle);
        Add("archive/data/0", new byte[4]);

        void Add(string name, byte[] bytes)
        {
            using var entry = zip.CreateEntry(name, CompressionLevel.Fastest).Open();
            entry.Write(bytes);
        }
    }

    /// <summary>A state dict of float tensors that all show the first number of one storage, with strides 0.</summary>
    private static byte[] Pickle(long count, params (string Name, long[] Shape)[] tensors)
    {
        return [0x80, 2, (byte)'}', .. tensors.SelectMany(tensor => Item(tensor.Name, tensor.Shape)), (byte)'.'];

        byte[] Item(string name, long[] shape) =>
        [
            .. Text(name), .. "ctorch._utils\n_rebuild_tensor_v2\n(("u8, .. Text("storage"), .. "ctorch\nFloatStorage\n"u8, .. Text("0"), .. Text("cpu"),
            .. Long(count), (byte)'t', (byte)'Q', .. Long(0), .. Tuple(shape), .. Tuple(new long[shape.Length]), (byte)'t', (byte)'R', (byte)'s',
        ];

        static byte[] Text(string text) => [(byte)'X', .. BitConverter.GetBytes(text.Length), .. Encoding.UTF8.GetBytes(text)];
        static byte[] Long(long number) => [0x8a, 8, .. BitConverter.GetBytes(number)];
        static byte[] Tuple(long[] numbers) => [(byte)'(', .. numbers.SelectMany(Long), (byte)'t'];
    }
}
