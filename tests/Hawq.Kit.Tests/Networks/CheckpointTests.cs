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

    [Fact]
    public void Whether_a_file_holds_a_quantized_network_is_asked_of_safetensors_alone()
    {
        using var folder = new TemporaryFolder();
        new CifarResNet(8, seed: 1).SaveWeights(folder["x.safetensors"]);
        Checkpoint.HoldsQuantized(folder["x.safetensors"]).ShouldBeFalse();
        Checkpoint.HoldsQuantized(folder["no.pth"]).ShouldBeFalse();
        Should.Throw<FileNotFoundException>(() => Checkpoint.HoldsQuantized(folder["no.safetensors"]));
        Should.Throw<ArgumentNullException>(() => Checkpoint.HoldsQuantized(null!)).ParamName.ShouldBe("path");
    }

    [Fact]
    public void Missing_checkpoint_is_named() =>
        Should.Throw<FileNotFoundException>(() => new CifarResNet(8).LoadWeights("/no/such.pth")).Message.ShouldStartWith("No checkpoint \"/no/such.pth\"");
}
