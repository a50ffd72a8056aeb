using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Curvature;

/// <summary>Traces of Hessians with respect to activations against dense ones; see References/activation_traces.py.</summary>
public class ActivationAnalysisTests
{
    private static readonly string[] Layers = ["conv", "hidden", "last"];

    private static readonly JsonElement Reference = Given.Reference("activation_traces.json");

    [Theory]
    [InlineData(7)]
    [InlineData(3, 4)]
    public void Traces_agree_with_PyTorch_within_four_of_their_true_deviations(params int[] sizes)
    {
        const int probes = 400;
        using var network = Tiny();
        var report = Analysis(network, sizes).WithProbes(probes).Run(seed: 1);
        report.Blocks.Select(b => b.Block.Name).ShouldBe(Layers);
        foreach (var block in report.Blocks)
        {
            var (trace, deviation) = (Number("traces", block.Block.Name), Number("deviations", block.Block.Name));
            block.Volume.ShouldBe((long)Number("volumes", block.Block.Name));
            block.Trace.Value.ShouldBe(trace, 4 * deviation / Math.Sqrt(probes), block.Block.Name);
            block.Trace.StandardError.ShouldBe(deviation / Math.Sqrt(probes), 0.15 * deviation / Math.Sqrt(probes), block.Block.Name);
            block.AverageTrace.ShouldBe(block.Trace.Value / block.Volume);
        }
    }

    /// <summary>H of the last layer's input is Wᵀ(diag p − ppᵀ)W for each sample, whatever came before: a closed form.</summary>
    [Fact]
    public void Trace_of_the_last_input_is_that_of_the_softmax()
    {
        using var scope = NewDisposeScope();
        using var network = Tiny();
        var batch = Batches(7).Single();
        var p = network.call(batch.Inputs).softmax(1).detach();                             // (7, 3)
        var gram = network.WeightLayers()[2].Layer.Weight.detach();
        gram = gram.matmul(gram.T);                                                         // (3, 3)
        var expected = (p.matmul(gram.diagonal()) - (p.matmul(gram) * p).sum(1)).mean().item<double>();
        Number("traces", "last").ShouldBe(expected, 1e-12);
    }

    /// <summary>Against second derivatives one by one: of ℓ(W·(tanh(W·(x + d₁)) + d₂)) by d₁ and by d₂, at 0.</summary>
    [Fact]
    public void A_layer_that_runs_twice_has_the_inputs_of_both_calls()
    {
        using var network = new Twice();
        network.to(ScalarType.Float64);
        var (batches, weight) = (Given.TinyBatches(5, 6), network.WeightLayers()[0].Layer.Weight.detach());
        var report = ActivationAnalysis.Of(network, nn.CrossEntropyLoss(), batches).WithProbes(400).Run(seed: 1);
        var expected = batches.SelectMany(batch => Enumerable.Range(0, (int)batch.Size).Select(i =>
        {
            var (x, y) = (batch.Inputs.narrow(0, i, 1), batch.Targets.narrow(0, i, 1));
            return Trace(d => Loss(x + d, zeros(3, ScalarType.Float64), y)) + Trace(d => Loss(x, d, y));
        })).Average();
        report.Blocks.Single().Volume.ShouldBe(6);
        report.Blocks.Single().Trace.Value.ShouldBe(expected, 4 * report.Blocks.Single().Trace.StandardError);
        report.Blocks.Single().Trace.RelativeError.ShouldBeLessThan(0.1);

        Tensor Loss(Tensor x, Tensor d, Tensor y) => nn.functional.cross_entropy((x.matmul(weight.T).tanh() + d).matmul(weight.T), y);

        static double Trace(Func<Tensor, Tensor> of)
        {
            var zero = zeros(3, ScalarType.Float64, requires_grad: true);
            var slope = autograd.grad([of(zero)], [zero], null, retain_graph: true, create_graph: true)[0];
            return Enumerable.Range(0, 3).Sum(k => autograd.grad([slope[k]], [zero], retain_graph: true)[0][k].item<double>());
        }
    }

    [Fact]
    public void The_network_is_left_as_it_was_and_no_live_tensor_remains()
    {
        using var network = Tiny();
        var batches = Batches(3, 4);
        network.train();
        network.WeightLayers()[1].Layer.Weight.requires_grad = false;
        var before = Given.LiveTensors;
        ActivationAnalysis.Of(network, nn.CrossEntropyLoss(), batches).WithProbes(2).Run(seed: 1);
        Given.LiveTensors.ShouldBe(before);
        network.training.ShouldBeTrue();
        network.WeightLayers().Select(layer => layer.Layer.Weight.requires_grad).ShouldBe([true, false, true]);
    }

    [Fact]
    public void The_same_seed_gives_the_same_numbers_in_blocks_too()
    {
        using var network = new CifarResNet(depth: 8, seed: 1);
        var batches = Given.Pictures.Take(4).Batches(2).ToList();
        var analysis = ActivationAnalysis.Of(network, nn.CrossEntropyLoss(), batches).WithProbes(3);
        var (first, second) = (analysis.Run(seed: 5), analysis.Run(seed: 5));
        first.Blocks.Select(b => b.Block.Name).ShouldBe(BlockPartition.ByUnit.Of(network).Select(b => b.Name));
        first.Blocks.Select(b => b.Trace.Value).ShouldBe(second.Blocks.Select(b => b.Trace.Value));
        first.Blocks[0].Volume.ShouldBe(3 * 32 * 32);
        first.Blocks[1].Volume.ShouldBe(2 * 16 * 32 * 32);
        first.Blocks[^1].Volume.ShouldBe(64);
    }

    /// <summary>libtorch would end the process.</summary>
    [Fact]
    public void A_layer_that_the_loss_does_not_depend_on_is_named()
    {
        using var network = new HalfUsed();
        var batches = Given.Pictures.Take(2).Batches(2).ToList();
        Should.Throw<ArgumentException>(() => ActivationAnalysis.Of(network, nn.CrossEntropyLoss(), batches).Run(1)).Message.ShouldContain("\"spare\"");
    }

    [Fact]
    public void A_quantized_network_is_refused()
    {
        using var network = new CifarResNet(depth: 8);
        var blocks = BlockPartition.ByUnit.Of(network).Select(block => new BlockPrecision(block, 4, 32));
        ModelQuantizer.Quantize(network, blocks, QuantizationScheme.SymmetricPerChannel, null);
        var analysis = ActivationAnalysis.Of(network, nn.CrossEntropyLoss(), Given.Pictures.Take(2).Batches(2));
        Should.Throw<InvalidOperationException>(() => analysis.Run(1)).Message.ShouldContain("conv1");
    }

    private static double Number(string kind, string layer) => Reference.GetProperty(kind).GetProperty(layer).GetDouble();

    private static ActivationAnalysis Analysis(Network network, int[] sizes) =>
        ActivationAnalysis.Of(network, nn.CrossEntropyLoss(), Batches(sizes)).PartitionedBy(BlockPartition.ByLayer);

    private static List<Batch> Batches(params int[] sizes)
    {
        var inputs = tensor(Numbers(Reference.GetProperty("inputs"))).view(7, 2, 4, 4);
        var targets = tensor(Reference.GetProperty("targets").EnumerateArray().Select(y => y.GetInt64()).ToArray());
        var starts = sizes.Select((_, k) => sizes.Take(k).Sum()).ToArray();
        return [.. sizes.Select((size, k) => new Batch(inputs.narrow(0, starts[k], size).clone(), targets.narrow(0, starts[k], size).clone()))];
    }

    private static double[] Numbers(JsonElement list) => [.. list.EnumerateArray().Select(x => x.GetDouble())];

    private static TinyConvolutional Tiny()
    {
        using var _ = no_grad();
        var network = new TinyConvolutional();
        network.to(ScalarType.Float64);
        foreach (var (name, layer) in network.WeightLayers())
        {
            layer.Weight.copy_(tensor(Numbers(Reference.GetProperty("weights").GetProperty(name))).view(layer.Weight.shape));
        }

        return network;
    }

    /// <summary>A layer of it is called for nothing.</summary>
    private sealed class HalfUsed : Network
    {
        private readonly LinearLayer _used = new(3, 10, new Generator(1));
        private readonly LinearLayer _spare = new(3, 10, new Generator(1));

        public HalfUsed()
            : base(nameof(HalfUsed))
        {
            register_module("used", _used);
            register_module("spare", _spare);
        }

        public override Network NewInstance() => new HalfUsed();

        public override Tensor forward(Tensor input)
        {
            var x = input.mean([2, 3]);
            _spare.call(x).Dispose();
            return _used.call(x);
        }
    }

    private sealed class Twice : Network
    {
        private readonly LinearLayer _layer = new(3, 3, new Generator(1), bias: false);

        public Twice()
            : base(nameof(Twice)) => register_module("layer", _layer);

        public override Network NewInstance() => new Twice();

        public override Tensor forward(Tensor input) => _layer.call(_layer.call(input).tanh());
    }

    /// <summary>The network of the reference.</summary>
    private sealed class TinyConvolutional : Network
    {
        private readonly ConvolutionLayer _conv = new(ConvolutionShape.Square(2, 3, 3), new Generator(1));
        private readonly LinearLayer _hidden = new(48, 5, new Generator(1), bias: false);
        private readonly LinearLayer _last = new(5, 3, new Generator(1), bias: false);

        public TinyConvolutional()
            : base("tiny")
        {
            register_module("conv", _conv);
            register_module("hidden", _hidden);
            register_module("last", _last);
        }

        public override Network NewInstance() => new TinyConvolutional();

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var x = _hidden.call(_conv.call(input).tanh().flatten(1)).tanh();
            return _last.call(x).MoveToOuterDisposeScope();
        }
    }
}
