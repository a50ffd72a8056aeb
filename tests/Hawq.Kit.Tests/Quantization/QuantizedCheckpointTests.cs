using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Quantization;

/// <summary>A saved quantized network gives the same numbers when it is loaded, in as many bytes as its bits need.</summary>
public class QuantizedCheckpointTests
{
    public static TheoryData<string, QuantizationScheme, int> Schemes => TinyQuantized.Schemes;

    [Theory]
    [MemberData(nameof(Schemes))]
    public void A_loaded_network_computes_the_same(string name, QuantizationScheme scheme, int activationBits)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var network = TinyQuantized.Trained(scheme, activationBits, TinyQuantized.MixedBits);
        var path = folder[$"{name.Replace(' ', '-')}.safetensors"];
        network.SaveQuantized(path);
        using var loaded = new CifarResNet(8, seed: 99).LoadQuantized(path);
        loaded.eval();
        var inputs = Given.Pictures.Take(16).Batches(16).First().Inputs;
        (loaded.call(inputs) - network.call(inputs)).abs().max().item<float>().ShouldBe(0);
    }

    [Fact]
    public void A_loaded_network_is_not_cloned_as_if_it_were_float()
    {
        using var folder = new TemporaryFolder();
        using var network = TinyQuantized.Trained(QuantizationScheme.LqNets, 32, TinyQuantized.MixedBits);
        network.SaveQuantized(folder["a.safetensors"]);
        using var loaded = new CifarResNet(8).LoadQuantized(folder["a.safetensors"]);
        Should.Throw<InvalidOperationException>(() => loaded.Clone()).Message.ShouldContain("LoadQuantized");
    }

    [Fact]
    public void Integers_of_weights_that_another_file_replaced_are_forgotten()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var whole = TinyQuantized.Network(QuantizationScheme.SymmetricPerChannel, 32, 4);
        using var half = TinyQuantized.Network(QuantizationScheme.SymmetricPerChannel, 32, 32, 2); // every second block stays float
        using var plain = new CifarResNet(8, seed: 2);
        whole.SaveQuantized(folder["whole.safetensors"]);
        half.SaveQuantized(folder["half.safetensors"]);
        plain.SaveWeights(folder["plain.safetensors"]);

        using var twice = new CifarResNet(8).LoadQuantized(folder["whole.safetensors"]).LoadQuantized(folder["half.safetensors"]);
        twice.SaveQuantized(folder["again.safetensors"]);
        using var once = new CifarResNet(8).LoadQuantized(folder["half.safetensors"]);
        using var again = new CifarResNet(8).LoadQuantized(folder["again.safetensors"]);
        Networks.CifarResNetTests.Same(once, again).ShouldBeTrue();
        foreach (var network in (Network[])[twice, again])
        {
            network.WeightLayers().Select(layer => LayerBits.Of(layer.Layer).Weight).ShouldBe([32, 2, 2, 32, 32, 2, 2, 32]);
        }

        using var replaced = new CifarResNet(8).LoadQuantized(folder["whole.safetensors"]).LoadWeights(folder["plain.safetensors"]);
        using var copy = replaced.Clone(); // it is float now
        Networks.CifarResNetTests.Same(copy, plain).ShouldBeTrue();
    }

    [Fact]
    public void A_learned_step_is_loaded_with_its_signed_inputs()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var network = TinyQuantized.Trained(QuantizationScheme.LearnedStep, 3, [8, 4, 3, 2, 6]);
        network.SaveQuantized(folder["step.safetensors"]);
        using var loaded = new CifarResNet(8, seed: 99).LoadQuantized(folder["step.safetensors"]);
        loaded.eval();
        var inputs = Given.Pictures.Take(16).Batches(16).First().Inputs;
        (loaded.call(inputs) - network.call(inputs)).abs().max().item<float>().ShouldBe(0);
    }

    [Fact]
    public void The_file_is_as_large_as_the_bits_and_the_float_rest()
    {
        using var folder = new TemporaryFolder();
        using var network = TinyQuantized.Trained(QuantizationScheme.SymmetricPerChannel, 4, [2, 2, 2, 2, 2]);
        var bytes = network.SaveQuantized(folder["two.safetensors"]);
        var layers = network.WeightLayers();
        var packed = layers.Sum(layer => (layer.Layer.Weight.numel() * 2 + 7) / 8);
        var rest = network.state_dict().Where(pair => !layers.Any(layer => pair.Key == $"{layer.Name}.weight")).Sum(pair => pair.Value.numel() * pair.Value.element_size());
        var grids = layers.Sum(layer => 8 * layer.Layer.Weight.shape[0]);
        var header = BitConverter.ToInt64(File.ReadAllBytes(folder["two.safetensors"]), 0) + 8;
        bytes.ShouldBe(header + packed + rest + grids);
    }

    [Fact]
    public void A_file_that_does_not_fit_is_named_and_the_network_stays_as_it_was()
    {
        using var folder = new TemporaryFolder();
        using var network = TinyQuantized.Trained(QuantizationScheme.SymmetricPerChannel, 4, TinyQuantized.MixedBits);
        var path = folder["quantized.safetensors"];
        network.SaveQuantized(path);
        using var deeper = new CifarResNet(14, seed: 1);
        Should.Throw<InvalidDataException>(() => deeper.LoadQuantized(path)).Message.ShouldContain("missing");
        deeper.WeightLayers().ShouldAllBe(layer => !layer.Layer.IsQuantized);
        Should.Throw<InvalidDataException>(() => new CifarResNet(8).LoadWeights(path)).Message.ShouldContain("LoadQuantized");
        Should.Throw<InvalidOperationException>(() => network.LoadQuantized(path)).Message.ShouldContain("already");
        using var plain = new CifarResNet(8, seed: 1);
        plain.SaveWeights(folder["float.safetensors"]);
        Should.Throw<InvalidDataException>(() => plain.LoadQuantized(folder["float.safetensors"])).Message.ShouldContain("LoadWeights");
        Should.Throw<FileNotFoundException>(() => plain.LoadQuantized(folder["none.safetensors"]));
        Should.Throw<ArgumentException>(() => network.SaveQuantized(folder["quantized.pth"])).Message.ShouldContain(".safetensors");
    }

    [Theory]
    [InlineData("{\"conv1\":{\"Weight\":{\"Bits\":60,\"Lowest\":0,\"Stride\":1,\"HasBasis\":false}}}", "bits are not 1 to 8")]
    [InlineData("{\"conv1\":null}", "bits are not 1 to 8")]
    [InlineData("{\"conv1\":{\"Weight\":{\"Bits\":4,\"Lowest\":40000,\"Stride\":1,\"HasBasis\":false}}}", "integers not those of a grid")]
    [InlineData("{\"conv1\":{\"Weight\":{\"Bits\":4,\"Lowest\":0,\"Stride\":2,\"HasBasis\":false}}}", "integers not those of a grid")]
    [InlineData("{\"conv1\":{\"Input\":{\"Bits\":1,\"Method\":2,\"IsUnsigned\":false}}}", "integers not those of a grid")]
    [InlineData("[1, 2", "damaged header")]
    [InlineData("{\"nowhere\":{}}", "\"nowhere\"")]
    [InlineData("{\"conv1\":{\"Weight\":{\"Bits\":4,\"Lowest\":0,\"Stride\":1,\"HasBasis\":false}}}", "conv1.weight.codes")]
    public void A_header_that_lies_is_refused(string header, string told)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var network = new CifarResNet(8, seed: 1);
        Safetensors.Write(folder["lie.safetensors"], network.state_dict().Select(pair => (pair.Key, pair.Value)), new Dictionary<string, string> { ["quantization"] = header });
        Should.Throw<InvalidDataException>(() => network.LoadQuantized(folder["lie.safetensors"])).Message.ShouldContain(told);
    }

    [Theory]
    [InlineData("conv1.weight.scale", float.NaN, "The grid of")]
    [InlineData("conv1.weight.scale", 0, "The grid of")]
    [InlineData("conv1.weight.zero_point", 0.3f, "The grid of")]
    [InlineData("conv1.input_quantizer.scale", -1, "the input of layer \"conv1\"")]
    [InlineData("conv1.input_quantizer.zero_point", 300, "the input of layer \"conv1\"")]
    [InlineData("conv1.weight.basis", float.NaN, "The basis of")]
    public void Numbers_that_make_no_grid_are_refused(string tensorName, float value, string told)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var scheme = tensorName.EndsWith("basis", StringComparison.Ordinal) ? QuantizationScheme.LqNets : QuantizationScheme.AsymmetricPerTensor;
        using var network = TinyQuantized.Trained(scheme, 4, TinyQuantized.MixedBits);
        network.SaveQuantized(folder["a.safetensors"]);
        var tensors = Safetensors.Read(folder["a.safetensors"]);
        tensors[tensorName] = full_like(tensors[tensorName], value);
        Safetensors.Write(folder["b.safetensors"], tensors.Select(pair => (pair.Key, pair.Value)), Safetensors.ReadMetadata(folder["a.safetensors"]));
        using var fresh = new CifarResNet(8);
        Should.Throw<InvalidDataException>(() => fresh.LoadQuantized(folder["b.safetensors"])).Message.ShouldContain(told);
        fresh.WeightLayers().ShouldAllBe(layer => !layer.Layer.IsQuantized);
    }

    [Fact]
    public void A_weight_that_is_not_finite_is_named()
    {
        using var folder = new TemporaryFolder();
        using var network = TinyQuantized.Trained(QuantizationScheme.DoReFa, 4, [4]);
        using (no_grad())
        {
            network.WeightLayers()[1].Layer.Weight[0, 0, 0, 0] = tensor(float.NaN);
        }

        Should.Throw<InvalidOperationException>(() => network.SaveQuantized(folder["a.safetensors"])).Message.ShouldContain("\"layer1.0.conv1\" holds NaN");
        Directory.GetFiles(folder.Path).ShouldBeEmpty();
    }
}
