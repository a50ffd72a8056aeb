using System.Text;

namespace Hawq.Kit.Tests.Networks;

public class CheckpointTests
{
    [Fact]
    public void Safetensors_round_trip_keeps_every_bit()
    {
        using var folder = new TemporaryFolder();
        using var network = new CifarResNet(8, seed: 1);
        network.SaveWeights(folder["x.safetensors"], new Dictionary<string, string> { ["accuracy"] = "12" });
        using var loaded = new CifarResNet(8, seed: 2).LoadWeights(folder["x.safetensors"]);
        CifarResNetTests.Same(network, loaded).ShouldBeTrue();
        Safetensors.ReadMetadata(folder["x.safetensors"])["accuracy"].ShouldBe("12");
        Directory.GetFiles(folder.Path).Length.ShouldBe(1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(1000)]
    [InlineData(50_000)]
    public void Truncated_file_is_refused_and_the_network_left_as_it_was(int length)
    {
        using var folder = new TemporaryFolder();
        new CifarResNet(8, seed: 1).SaveWeights(folder["x.safetensors"]);
        File.WriteAllBytes(folder["x.safetensors"], File.ReadAllBytes(folder["x.safetensors"])[..length]);
        using var network = new CifarResNet(8, seed: 2);
        Should.Throw<InvalidDataException>(() => network.LoadWeights(folder["x.safetensors"])).Message.ShouldContain("no sound safetensors file");
        CifarResNetTests.Same(network, new CifarResNet(8, seed: 2)).ShouldBeTrue();
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"a\":3}")]
    [InlineData("{\"a\":null}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\"}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[\"x\"],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[9999999999,9999999999],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}")]
    [InlineData("{\"a\":{\"dtype\":\"Q3\",\"shape\":[1],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"__metadata__\":{\"n\":1}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}")]
    public void Damaged_header_is_refused(string json)
    {
        using var folder = new TemporaryFolder();
        var header = Encoding.UTF8.GetBytes(json);
        File.WriteAllBytes(folder["x.safetensors"], [.. BitConverter.GetBytes((long)header.Length), .. header, 0, 0, 0, 0]);
        Should.Throw<InvalidDataException>(() => new CifarResNet(8).LoadWeights(folder["x.safetensors"]));
    }

    [Fact]
    public void Checkpoint_of_another_network_lists_names_and_shapes()
    {
        using var folder = new TemporaryFolder();
        new CifarResNet(14, classes: 7).SaveWeights(folder["x.safetensors"]);
        var message = Should.Throw<InvalidDataException>(() => new CifarResNet(8).LoadWeights(folder["x.safetensors"])).Message;
        message.ShouldContain("does not fit ResNet8 (CIFAR, option A)");
        message.ShouldContain("unexpected: layer1.1.bn1.bias");
        message.ShouldContain("linear.weight is [7, 64], expected [10, 64]");
    }

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
    [InlineData(1L << 33, 1, "reaches outside its storage")]
    [InlineData(1, (1L << 61) + 1, "at most")]
    public void A_tensor_larger_than_its_file_is_refused_before_memory_is_taken(long size, long count, string said)
    {
        using var folder = new TemporaryFolder();
        byte[] pickle =
        [
            0x80, 2, (byte)'}', .. Text("a"), .. "ctorch._utils\n_rebuild_tensor_v2\n(("u8, .. Text("storage"), .. "ctorch\nFloatStorage\n"u8, .. Text("0"), .. Text("cpu"),
            .. Long(count), (byte)'t', (byte)'Q', .. Long(0), .. Long(size), 0x85, .. Long(0), 0x85, (byte)'t', (byte)'R', (byte)'s', (byte)'.',
        ];
        using (var zip = System.IO.Compression.ZipFile.Open(folder["x.pth"], System.IO.Compression.ZipArchiveMode.Create))
        {
            Add("archive/data.pkl", pickle);
            Add("archive/data/0", new byte[4]);

            void Add(string name, byte[] bytes)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(bytes);
            }
        }

        Should.Throw<InvalidDataException>(() => PthFile.Read(folder["x.pth"])).Message.ShouldContain(said);

        static byte[] Text(string text) => [(byte)'X', .. BitConverter.GetBytes(text.Length), .. Encoding.UTF8.GetBytes(text)];
        static byte[] Long(long number) => [0x8a, 8, .. BitConverter.GetBytes(number)];
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

    [Fact]
    public void Missing_checkpoint_is_named() =>
        Should.Throw<FileNotFoundException>(() => new CifarResNet(8).LoadWeights("/no/such.pth")).Message.ShouldStartWith("No checkpoint \"/no/such.pth\"");
}
