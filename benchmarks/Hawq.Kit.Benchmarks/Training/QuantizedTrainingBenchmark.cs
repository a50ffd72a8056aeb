namespace Hawq.Kit.Benchmarks;

/// <summary>What quantization-aware training costs over float training.</summary>
internal sealed class QuantizedTrainingBenchmark : Benchmark
{
    public override string Name => "quantized-training";

    public override string Description => "ResNet20, step with 4-bit weights and activations ÷ float step, for each scheme";

    public override BenchmarkResult Run(BenchmarkOptions options)
    {
        (string Name, QuantizationScheme Scheme)[] schemes =
        [
            ("least-squares per channel", QuantizationScheme.SymmetricPerChannel with { Range = RangeRule.LeastSquares }),
            ("min-max per channel", QuantizationScheme.SymmetricPerChannel),
            ("LSQ", QuantizationScheme.LearnedStep),
            ("PACT", QuantizationScheme.Pact),
            ("DoReFa", QuantizationScheme.DoReFa),
            ("LQ-Nets", QuantizationScheme.LqNets),
        ];
        using var single = new TrainingSteps(options);
        var quantized = schemes.Select(scheme => new TrainingSteps(options, scheme: scheme.Scheme)).ToList();
        IReadOnlyList<Contestant> contestants =
            [new("float", single.Seconds), .. schemes.Zip(quantized, (scheme, steps) => new Contestant(scheme.Name, steps.Seconds))];
        var timings = Alternation.Of(options.Rounds, contestants);
        quantized.ForEach(steps => steps.Dispose());
        return new(
            Name, "ResNet20, batch 128, float32; seconds of a step, median", timings,
            [.. timings.Skip(1).Select(timing => Ratio.AtMost($"{timing.Name} ÷ float", timing.Median / timings[0].Median, 1.3))],
            new Dictionary<string, object>());
    }
}
