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
        PthBytes.Zip(folder["x.pth"], PthBytes.Pickle(new PthTensor("a", shape) { Count = count }));
        Should.Throw<InvalidDataException>(() => PthFile.Read(folder["x.pth"])).Message.ShouldContain(said);
    }

    [Fact]
    public void Tensors_that_were_read_before_the_damage_are_freed()
    {
        using var folder = new TemporaryFolder();
        PthBytes.Zip(folder["x.pth"], PthBytes.Pickle(new PthTensor("a", [1]), new PthTensor("b", [2])));
        var before = Given.LiveTensors;
        Should.Throw<InvalidDataException>(() => PthFile.Read(folder["x.pth"]));
        Given.LiveTensors.ShouldBe(before);
        PthBytes.Zip(folder["y.pth"], PthBytes.Pickle(new PthTensor("a", [1]), new PthTensor("b", [0, 3])));
        var tensors = PthFile.Read(folder["y.pth"]);
        Given.LiveTensors.ShouldBe(before + 2);
        tensors["b"].shape.ShouldBe([0, 3]);
    }

    [Fact]
    public void A_pickle_of_more_bytes_than_names_need_is_refused_by_what_it_claims_and_by_what_is_read()
    {
        using var folder = new TemporaryFolder();
        PthBytes.Zip(folder["x.pth"], new byte[(64 << 20) + 1]);
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
}
