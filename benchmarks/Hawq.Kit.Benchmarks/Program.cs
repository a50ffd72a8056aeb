using Hawq.Kit.Benchmarks;
IReadOnlyList<Benchmark> benchmarks = [];



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

TorchSharp.torch.set_num_threads(options.Threads);
var result = benchmarks.Single(benchmark => benchmark.Name == options.Benchmark).Run(options);
result.Write(options);
return 0;
