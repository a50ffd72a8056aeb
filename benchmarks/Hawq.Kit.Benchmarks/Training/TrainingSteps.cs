using System.Diagnostics;
using static TorchSharp.torch;

namespace Hawq.Kit.Benchmarks;

/// <summary>Training steps of one ResNet20 on one batch of random pictures; a contestant's time is the median of a step.</summary>
internal sealed class TrainingSteps : IDisposable
{
    private const int WarmUp = 3;

    private readonly Network _network = new CifarResNet(20);
    private readonly TorchSharp.Modules.OptimizerHelper _optimizer;
    private readonly Tensor _inputs;
    private readonly Tensor _targets;
    private readonly int _steps;

    /// <param name="options">Their size.</param>
    /// <param name="precision">Type of the activations.</param>
    /// <param name="scheme">How weights and inputs are quantized to 4 bits, or <see langword="null"/> for a float network.</param>
    public TrainingSteps(BenchmarkOptions options, TrainingPrecision precision = TrainingPrecision.Float32, QuantizationScheme? scheme = null)
    {
        _steps = options.Quick ? 2 : 15;
        using var pixels = randn([128, 32, 32, 3], generator: new Generator(0));
        using var batch = new Batch(pixels.permute(0, 3, 1, 2).alias(), randint(10, [128], ScalarType.Int64));
        if (scheme is not null)
        {
            var blocks = BlockPartition.ByUnit.Of(_network).Select(block => new BlockPrecision(block, 4, 4));
            ModelQuantizer.Quantize(_network, blocks, scheme, ActivationCalibration.Of(_network, [batch]));
        }

        (_inputs, _targets) = (precision.Of(batch.Inputs).alias(), batch.Targets.alias());
        _optimizer = Optimization.Sgd(0.01).Create(_network);
        _network.train();
    }

    public double Seconds()
    {
        var seconds = Enumerable.Range(0, _steps + WarmUp).Select(_ => Step()).Skip(WarmUp).ToList();
        return Alternation.Median(seconds);
    }

    public void Dispose()
    {
        _network.Dispose();
        _optimizer.Dispose();
        _inputs.Dispose();
        _targets.Dispose();
    }

    private double Step()
    {
        var clock = Stopwatch.StartNew();
        using var scope = NewDisposeScope();
        _optimizer.zero_grad();
        var loss = nn.functional.cross_entropy(_network.call(_inputs).to(ScalarType.Float32), _targets);
        loss.backward();
        _optimizer.step();
        loss.item<float>();
        return clock.Elapsed.TotalSeconds;
    }
}
