using System.CommandLine;
using System.Runtime.CompilerServices;
using Hawq.Kit;
using Hawq.Kit.Benchmarks;

// The kit prepares the process before the first call into TorchSharp.
RuntimeHelpers.RunModuleConstructor(typeof(Network).Module.ModuleHandle);
Benchmark[] benchmarks =
[
    new TrainingBenchmark(), new PrecisionBenchmark(), new QuantizedTrainingBenchmark(), new SideBySideBenchmark(),
    new EigenvaluesBenchmark(), new TracesBenchmark(), new ProductsBenchmark(),
    new KernelsBenchmark(), new PicturesBenchmark(), new MemoryBudgetBenchmark(),
];
var root = new RootCommand("Speed beside PyTorch; results go to benchmarks/results.");
Array.ForEach(benchmarks, benchmark => root.Subcommands.Add(BenchmarkCommand.Of(benchmark)));
root.Subcommands.Add(MemoryBudgetRun.Command());
return root.Parse(args).Invoke();
