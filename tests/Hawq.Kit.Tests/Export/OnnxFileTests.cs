using System.Text.Json;
using Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Export;

/// <summary>An ONNX file computes in ONNX Runtime what its network computes here.</summary>
public class OnnxFileTests
{
    public static TheoryData<string, Func<Network>, int> Families { get; } = new()
    {
        { "ResNet20", () => new CifarResNet(seed: 1), 32 },
        { "ResNet50 v1", () => new ImageNetResNet(ResNetStride.OnFirstOneByOne, classes: 10, seed: 1), 65 },
        { "ResNet50 v1.5", () => new ImageNetResNet(classes: 10, seed: 1), 64 },
        { "Inception-V3", () => new InceptionV3(classes: 10, auxiliary: true, seed: 1), 107 },
        { "SqueezeNext", () => new SqueezeNext(width: 1, classes: 10, seed: 1), 66 },
        { "SqueezeNext v5, Caffe's, grouped", () => new SqueezeNext(SqueezeNextVersion.V23v5, 1.5, 10, layout: SqueezeNextLayout.CaffeGrouped, seed: 1), 69 },
        { "SqueezeNext, small pictures", () => new SqueezeNext(smallPictures: true, classes: 10, seed: 1), 32 },
    };

    public static TheoryData<string, QuantizationScheme, int> Schemes
    {
        get
        {
            var schemes = TinyQuantized.Schemes;
            schemes.Add("symmetric", QuantizationScheme.SymmetricPerChannel, 3);
            schemes.Add("inputs alone", QuantizationScheme.LearnedStep, 5);
            return schemes;
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_float_network_computes_the_same(string name, Func<Network> make, int pixels)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var network = make();
        using var generator = new Generator(5);
        var inputs = randn([3, 3, pixels, pixels], generator: generator);
        TinyQuantized.MoveStatistics(network, inputs);
        network.SaveOnnx(folder["a.onnx"]);
        using var _ = no_grad();
        var (logits, computed) = (network.call(inputs), OnnxRun.Logits(folder["a.onnx"], inputs));
        network.to(ScalarType.Float64);
        var exact = network.call(inputs.to(ScalarType.Float64));
        var rounding = (logits - exact).abs().max().item<double>();
        rounding.ShouldBeInRange(0, 0.01 * exact.abs().max().item<double>(), name);
        (computed - exact).abs().max().item<double>().ShouldBeInRange(0, (5 * rounding) + 1e-5, name); // NaN lies in no range
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void Each_weight_is_the_networks_to_the_bit_and_each_input_on_its_grid(string name, QuantizationScheme scheme, int activationBits)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var network = TinyQuantized.Network(scheme, activationBits, name == "inputs alone" ? [32] : TinyQuantized.MixedBits);
        network.SaveOnnx(folder["a.onnx"]);
        var inputs = Given.Pictures.Take(16).Batches(16).First().Inputs;
        using var _ = no_grad();
        var weights = network.WeightLayers().Where(layer => layer.Layer.WeightQuantizer is not null).ToDictionary(layer => $"{layer.Name}.weight", layer => layer.Layer);
        var values = weights.Count == 0 ? [] : OnnxRun.Inner(folder["a.onnx"], inputs, weights.Keys, mergesQuantized: true);
        weights.ShouldAllBe(layer => (values[layer.Key] - layer.Value.WeightQuantizer!.call(layer.Value.Weight)).abs().max().item<float>() == 0);

        // float32 rounding moves few inputs to the neighbouring level; float weights of such layers the runtime's optimizer would round
        var layers = network.WeightLayers().Where(layer => layer.Layer.InputQuantizer is not null).ToDictionary(layer => LastOf(folder["a.onnx"], $"{layer.Name}.input"), layer => layer.Layer);
        var seen = layers.Count == 0 ? [] : OnnxRun.Inner(folder["a.onnx"], inputs, layers.Keys, mergesQuantized: weights.Count > 0);
        foreach (var (value, layer) in layers)
        {
            var share = seen[value].ne(Seen(network, layer.InputQuantizer!, inputs)).to(ScalarType.Float32).mean().item<float>();
            share.ShouldBeInRange(0, value.StartsWith("conv1", StringComparison.Ordinal) ? 1e-9f : 5e-3f, value);
        }
    }

    [Fact]
    public void A_fine_tuned_network_classifies_the_same()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var network = new CifarResNet().LoadQuantized(Path.Combine(Given.Root, "models", "table1", "hawq-our-bits-2-4-2019.safetensors"));
        network.eval();
        var bytes = network.SaveOnnx(folder["a.onnx"]);
        var pictures = Cifar10.Read(Given.Fixture("cifar10-test-256.bin")).Batches(256).First();
        using var _ = no_grad();
        var (expected, computed) = (network.call(pictures.Inputs), OnnxRun.Logits(folder["a.onnx"], pictures.Inputs));
        expected.argmax(1).eq(pictures.Targets).sum().item<long>().ShouldBeGreaterThan(225); // a network that has learned
        computed.argmax(1).ne(expected.argmax(1)).sum().item<long>().ShouldBeLessThanOrEqualTo(2);
        (computed - expected).abs().max().item<float>().ShouldBeInRange(0, 0.1f * expected.abs().max().item<float>());
        bytes.ShouldBeLessThan(260_000); // 8 integers in 4 bytes; float weights take 1.07 million
    }

    /// <summary>No bias before the output, groups, 8 bits without a Clip: what ONNX Runtime would merge, and may then round otherwise.</summary>
    [Fact]
    public void A_quantized_SqueezeNext_computes_the_same_where_the_runtime_merges_nothing()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var network = new SqueezeNext(SqueezeNextVersion.V23, 1, 10, layout: SqueezeNextLayout.CaffeGrouped, seed: 1);
        using var batch = new Batch(randn([4, 3, 65, 65], generator: new Generator(5)), zeros(4, ScalarType.Int64));
        TinyQuantized.MoveStatistics(network, batch.Inputs);
        var blocks = BlockPartition.ByUnit.Of(network);
        ModelQuantizer.Quantize(network, blocks.Select(block => new BlockPrecision(block, 8, 8)), QuantizationScheme.SymmetricPerChannel, ActivationCalibration.Of(network, [batch]));
        network.eval();
        network.SaveOnnx(folder["a.onnx"]);
        using var _ = no_grad();

        // an untrained network this deep makes much of a single input that moves a level, so layers are compared one by one
        var layers = network.WeightLayers().Take(12).Append(network.WeightLayers()[^1]).ToDictionary(layer => LastOf(folder["a.onnx"], $"{layer.Name}.input"), layer => layer.Layer);
        var values = OnnxRun.Inner(folder["a.onnx"], batch.Inputs, [.. layers.Keys, "logits"], mergesQuantized: false);
        layers.SkipLast(1).Max(layer => values[layer.Key].ne(Seen(network, layer.Value.InputQuantizer!, batch.Inputs)).to(ScalarType.Float32).mean().item<float>()).ShouldBeInRange(0, 0.02f);
        var (features, last) = (values[layers.Keys.Last()], layers.Values.Last());
        var expected = features.matmul(last.WeightQuantizer!.call(last.Weight).T);
        (values["logits"] - expected).abs().max().item<float>().ShouldBeInRange(0, 1e-5f * expected.abs().max().item<float>());
    }

    /// <summary>Strict readers want unique names and take an integer attribute of 0 for an absent one.</summary>
    [Fact]
    public void Names_are_unique_and_parts_may_be_used_twice()
    {
        using var folder = new TemporaryFolder();
        using var network = new ReusedParts();
        network.SaveOnnx(folder["a.onnx"]);
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(folder["a.onnx"]));
        var names = model.Graph.Initializer.Select(constant => constant.Name).Concat(model.Graph.Node.SelectMany(node => node.Output)).Concat(model.Graph.Input.Select(value => value.Name)).ToList();
        names.Distinct().Count().ShouldBe(names.Count);
        model.Graph.Node.SelectMany(node => node.Attribute).ShouldAllBe(attribute => attribute.Type != AttributeProto.Types.AttributeType.Int || attribute.I != 0);
        model.Graph.Output.Single().Name.ShouldBe("logits");
        using var scope = NewDisposeScope();
        var inputs = randn([2, 3, 4, 4], generator: new Generator(1));
        using var _ = no_grad();
        (OnnxRun.Logits(folder["a.onnx"], inputs) - network.call(inputs)).abs().max().item<float>().ShouldBeInRange(0, 1e-5f);
    }

    [Fact]
    public void A_loaded_network_is_written_and_saved_as_the_one_that_was_saved()
    {
        using var folder = new TemporaryFolder();
        using var network = TinyQuantized.Network(QuantizationScheme.MidRisePerChannel, 4, TinyQuantized.MixedBits);
        network.SaveQuantized(folder["a.safetensors"]);
        network.SaveOnnx(folder["a.onnx"]);
        using var loaded = new CifarResNet(8, seed: 99).LoadQuantized(folder["a.safetensors"]);
        loaded.SaveQuantized(folder["b.safetensors"]);
        loaded.SaveOnnx(folder["b.onnx"]);
        File.ReadAllBytes(folder["b.safetensors"]).ShouldBe(File.ReadAllBytes(folder["a.safetensors"]));
        File.ReadAllBytes(folder["b.onnx"]).ShouldBe(File.ReadAllBytes(folder["a.onnx"]));

        using (no_grad())
        {
            loaded.WeightLayers()[2].Layer.Weight.mul_(2);
        }

        Should.Throw<InvalidOperationException>(() => loaded.SaveOnnx(folder["c.onnx"])).Message.ShouldContain("layer1.0.conv2");
        Should.Throw<InvalidOperationException>(() => loaded.SaveQuantized(folder["c.safetensors"])).Message.ShouldContain("changed after LoadQuantized");
        Directory.GetFiles(folder[""]).Length.ShouldBe(4);
    }

    [Fact]
    public void The_metadata_names_the_bits_and_the_network_stays_as_it_was()
    {
        using var folder = new TemporaryFolder();
        using var network = TinyQuantized.Network(QuantizationScheme.LqNets, 2, TinyQuantized.MixedBits);
        network.train();
        var before = ModelFingerprint.Of(network);
        network.SaveOnnx(folder["a.onnx"]);
        network.training.ShouldBeTrue();
        ModelFingerprint.Of(network).ShouldBe(before);
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(folder["a.onnx"]));
        var bits = JsonDocument.Parse(model.MetadataProps.Single(pair => pair.Key == "bits").Value).RootElement;
        bits.GetProperty("conv1").GetProperty("Weight").GetInt32().ShouldBe(8);
        bits.GetProperty("layer1.0.conv1").GetProperty("Weight").GetInt32().ShouldBe(1);
        bits.GetProperty("linear").GetProperty("Input").GetInt32().ShouldBe(2);
    }

    [Fact]
    public void What_cannot_be_written_is_named_and_leaves_no_file()
    {
        using var folder = new TemporaryFolder();
        using var network = new CifarResNet(8);
        Should.Throw<ArgumentException>(() => network.SaveOnnx(folder["a.pb"])).Message.ShouldContain(".onnx");
        using var other = new UndescribedNetwork();
        Should.Throw<NotSupportedException>(() => other.SaveOnnx(folder["a.onnx"])).Message.ShouldContain("Override Describe in UndescribedNetwork");
        using var forgetful = new ReusedParts { Forgets = true };
        Should.Throw<NotSupportedException>(() => forgetful.SaveOnnx(folder["a.onnx"])).Message.ShouldContain("tells nothing of logits");
        network.WeightLayers()[0].Layer.Attach(null, nn.Identity());
        Should.Throw<NotSupportedException>(() => network.SaveOnnx(folder["a.onnx"])).Message.ShouldContain("The input of layer \"conv1\" goes through a Identity");
        Directory.GetFiles(folder[""]).ShouldBeEmpty();
    }

    /// <summary>What a quantizer gives in a forward pass.</summary>
    private static Tensor Seen(Network network, nn.Module<Tensor, Tensor> quantizer, Tensor inputs)
    {
        using var _ = no_grad();
        Tensor? seen = null;
        var hook = quantizer.register_forward_hook((_, _, output) =>
        {
            seen = output.clone().DetachFromDisposeScope();
            return output;
        });
        network.call(inputs).Dispose();
        hook.remove();
        return seen!;
    }

    /// <summary>The last value of a name, which levels number on.</summary>
    private static string LastOf(string path, string name) => ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)).Graph.Node
        .Select(node => node.Name).Last(node => node == name || (node.StartsWith($"{name}_", StringComparison.Ordinal) && char.IsDigit(node[^1])));
}
