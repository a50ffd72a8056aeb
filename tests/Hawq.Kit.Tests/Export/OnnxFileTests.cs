using System.Text.Json;
using Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Export;

/// <summary>An ONNX file computes in ONNX Runtime what its network computes here.</summary>
public class OnnxFileTests
{
    private static readonly int[] MixedBits = [8, 1, 3, 2, 6];

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

    public static TheoryData<string, QuantizationScheme, int> Schemes { get; } = new()
    {
        { "mid-rise", QuantizationScheme.MidRisePerChannel, 4 },
        { "asymmetric", QuantizationScheme.AsymmetricPerTensor, 8 },
        { "asymmetric, per channel", QuantizationScheme.AsymmetricPerChannel, 6 },
        { "symmetric", QuantizationScheme.SymmetricPerChannel, 3 },
        { "DoReFa", QuantizationScheme.DoReFa, 3 },
        { "PACT", QuantizationScheme.Pact, 2 },
        { "LQ-Nets", QuantizationScheme.LqNets, 2 },
        { "weights alone", QuantizationScheme.LqNets, 32 },
        { "inputs alone", QuantizationScheme.LearnedStep, 5 },
    };

    [Theory]
    [MemberData(nameof(Families))]
    public void A_float_network_computes_the_same(string name, Func<Network> make, int pixels)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var network = make();
        using var generator = new Generator(5);
        var inputs = randn([3, 3, pixels, pixels], generator: generator);
        MoveStatistics(network, inputs);
        network.SaveOnnx(folder["a.onnx"]);
        using var _ = no_grad();
        var (logits, computed) = (network.call(inputs), OnnxRun.Logits(folder["a.onnx"], inputs));
        network.to(ScalarType.Float64);
        var exact = network.call(inputs.to(ScalarType.Float64));
        var rounding = (logits - exact).abs().max().item<double>();
        rounding.ShouldBeLessThan(0.01 * exact.abs().max().item<double>(), name);
        (computed - exact).abs().max().item<double>().ShouldBeLessThan((5 * rounding) + 1e-5, name);
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void Each_weight_is_the_networks_to_the_bit_and_each_input_on_its_grid(string name, QuantizationScheme scheme, int activationBits)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var network = Quantized(scheme, activationBits, name == "inputs alone" ? [32] : MixedBits);
        network.SaveOnnx(folder["a.onnx"]);
        var inputs = Given.Pictures.Take(16).Batches(16).First().Inputs;
        foreach (var (layer, module) in network.WeightLayers().Where(layer => layer.Layer.WeightQuantizer is not null))
        {
            using var _ = no_grad();
            var weight = module.WeightQuantizer!.call(module.Weight);
            (OnnxRun.Inner(folder["a.onnx"], inputs, $"{layer}.weight") - weight).abs().max().item<float>().ShouldBe(0, layer);
        }

        // float32 rounding moves few inputs to the neighbouring level; float weights of such layers the runtime's optimizer would round
        foreach (var (layer, module) in network.WeightLayers().Where(layer => layer.Layer.InputQuantizer is not null))
        {
            var expected = Seen(network, module.InputQuantizer!, inputs);
            var computed = OnnxRun.Inner(folder["a.onnx"], inputs, LastOf(folder["a.onnx"], $"{layer}.input"), optimizes: name != "inputs alone");
            computed.ne(expected).to(ScalarType.Float32).mean().item<float>().ShouldBeLessThan(layer == "conv1" ? 1e-9f : 5e-3f, layer);
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
        (computed - expected).abs().max().item<float>().ShouldBeLessThan(0.1f * expected.abs().max().item<float>());
        bytes.ShouldBeLessThan(260_000); // 8 integers in 4 bytes; float weights take 1.07 million
    }

    [Fact]
    public void A_loaded_network_is_written_and_saved_as_the_one_that_was_saved()
    {
        using var folder = new TemporaryFolder();
        using var network = Quantized(QuantizationScheme.MidRisePerChannel, 4, MixedBits);
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
        using var network = Quantized(QuantizationScheme.LqNets, 2, MixedBits);
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
        using var other = new Undescribed();
        Should.Throw<NotSupportedException>(() => other.SaveOnnx(folder["a.onnx"])).Message.ShouldContain("Override Describe in Undescribed");
        network.WeightLayers()[0].Layer.Attach(null, nn.Identity());
        Should.Throw<NotSupportedException>(() => network.SaveOnnx(folder["a.onnx"])).Message.ShouldContain("The input of layer \"conv1\" goes through a Identity");
        Directory.GetFiles(folder[""]).ShouldBeEmpty();
    }

    /// <summary>Gives batch norms statistics other than 0 and 1, by training steps that change no weight.</summary>
    private static void MoveStatistics(Network network, Tensor inputs)
    {
        using var _ = no_grad();
        network.train();
        for (var k = 0; k < 20; k++)
        {
            network.call(inputs).Dispose();
        }

        network.eval();
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

    private static CifarResNet Quantized(QuantizationScheme scheme, int activationBits, int[] bits)
    {
        var network = new CifarResNet(8, seed: 1); // its parameters outlive the scope
        using var scope = NewDisposeScope();
        var batch = Given.Pictures.Take(32).Batches(32).First();
        MoveStatistics(network, batch.Inputs);
        var blocks = BlockPartition.ByUnit.Of(network);
        ModelQuantizer.Quantize(network, blocks.Select((block, k) => new BlockPrecision(block, bits[k % bits.Length], activationBits)), scheme, ActivationCalibration.Of(network, [batch]));
        network.eval();
        return network;
    }

    /// <summary>The last value of a name, which levels number on.</summary>
    private static string LastOf(string path, string name) => ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)).Graph.Node
        .Select(node => node.Name).Last(node => node == name || (node.StartsWith($"{name}_", StringComparison.Ordinal) && char.IsDigit(node[^1])));

    private sealed class Undescribed : Network
    {
        private readonly LinearLayer _linear = new(3, 2, new Generator(1));

        public Undescribed()
            : base("undescribed") => register_module("linear", _linear);

        public override Network NewInstance() => new Undescribed();

        public override Tensor forward(Tensor input) => _linear.call(input);
    }
}
