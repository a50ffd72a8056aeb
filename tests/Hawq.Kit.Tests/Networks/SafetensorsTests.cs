using System.Text;
using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Networks;

public class SafetensorsTests
{
    [Fact]
    public void Bytes_are_those_that_the_format_prescribes()
    {
        using var folder = new TemporaryFolder();
        var path = folder["x.safetensors"];
        var x = tensor(new float[] { 1, 2, 3, 4 }).reshape(2, 2).T;                         // not contiguous
        Safetensors.Write(path, [("x", x), ("y", tensor(7L))], new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" });
        const string header = """
            {"__metadata__":{"a":"1","b":"2"},"x":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"y":{"dtype":"I64","shape":[],"data_offsets":[16,24]}}
            """;
        var padded = (header.Length + 7) / 8 * 8;
        byte[] expected =
        [
            .. BitConverter.GetBytes((long)padded), .. Encoding.UTF8.GetBytes(header.PadRight(padded)),
            .. new float[] { 1, 3, 2, 4 }.SelectMany(number => BitConverter.GetBytes(number)), .. BitConverter.GetBytes(7L),
        ];
        File.ReadAllBytes(path).ShouldBe(expected);
        var read = Safetensors.Read(path);
        read["x"].equal(x).all().item<bool>().ShouldBeTrue();
        read["y"].item<long>().ShouldBe(7);
    }

    [Fact]
    public void A_type_that_the_format_lacks_is_named_and_nothing_is_written()
    {
        using var folder = new TemporaryFolder();
        var error = Should.Throw<ArgumentException>(() => Safetensors.Write(folder["x"], [("z", zeros(1, dtype: ScalarType.ComplexFloat32))], null));
        error.Message.ShouldContain("Tensor \"z\" has type ComplexFloat32; expected one of Float32");
        Directory.GetFileSystemEntries(folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public void Writing_leaves_no_tensor()
    {
        using var folder = new TemporaryFolder();
        using var x = zeros(3, 4);
        Given.ShouldLeaveNoTensor(() => Safetensors.Write(folder["x"], [("x", x)], null));
    }

    [Theory]
    [InlineData("0,4611686018427387904,4611686018427387904")]
    [InlineData("4611686018427387904,4611686018427387904,0")]
    [InlineData("0,9223372036854775807")]
    public void An_empty_tensor_whose_other_sizes_are_beyond_libtorch_is_refused(string shape)
    {
        using var folder = new TemporaryFolder();
        Put(folder["x"], Entry("a", shape, 0));
        Should.Throw<InvalidDataException>(() => Safetensors.Read(folder["x"])).Message.ShouldContain("does not fit into its 0 bytes");
    }

    [Fact]
    public void An_empty_tensor_is_read()
    {
        using var folder = new TemporaryFolder();
        Put(folder["x"], Entry("a", "0,3", 0));
        Safetensors.Read(folder["x"])["a"].shape.ShouldBe([0, 3]);
    }

    [Fact]
    public void Tensors_that_were_read_before_the_damage_are_freed()
    {
        using var folder = new TemporaryFolder();
        Put(folder["sound"], Entry("a", "1", 4));
        Put(folder["damaged"], Entry("a", "1", 4), Entry("b", "2", 4));
        var before = Given.LiveTensors;
        Should.Throw<InvalidDataException>(() => Safetensors.Read(folder["damaged"]));
        Given.LiveTensors.ShouldBe(before);
        var tensors = Safetensors.Read(folder["sound"]);
        Given.LiveTensors.ShouldBe(before + 1);
        tensors["a"].item<float>().ShouldBe(0);
    }

    private static string Entry(string name, string shape, int end) => $$$"""
        "{{{name}}}":{"dtype":"F32","shape":[{{{shape}}}],"data_offsets":[0,{{{end}}}]}
        """;

    /// <summary>A file with these entries in its header, and four bytes.</summary>
    private static void Put(string path, params string[] entries)
    {
        var header = Encoding.UTF8.GetBytes("{" + string.Join(',', entries) + "}");
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((long)header.Length), .. header, 0, 0, 0, 0]);
    }
}
