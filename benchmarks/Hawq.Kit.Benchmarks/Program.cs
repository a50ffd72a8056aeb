using Hawq.Kit.Benchmarks;

IReadOnlyList<Benchmark> benchmarks = [new TrainingBenchmark(), new QuantizedTrainingBenchmark()];

var options = BenchmarkOptions.Parse(args);
if (options is null || benchmarks.All(benchmark => benchmark.Name != options.Benchmark))
{
    Console.Error.WriteLine(BenchmarkOptions.Usage);
    foreach (var benchmark in benchmarks)
    {
        Console.Error.WriteLine($"  {benchmark.Name,-24}{benchmark.Description}");
    }

    return 2;
}

// The kit prepares the process before the first call into TorchSharp.
System.Runtime.CompilerServices.RuntimeHelpers.RunModuleConstructor(typeof(Hawq.Kit.Network).Module.ModuleHandle);
TorchSharp.torch.set_num_threads(options.Threads);
var result = benchmarks.Single(benchmark => benchmark.Name == options.Benchmark).Run(options);
result.Write(options);
return 0;
