using System.CommandLine;

namespace Hawq.Kit.Benchmarks;

/// <summary>A benchmark as a sub-command.</summary>
internal static class BenchmarkCommand
{
    public static Command Of(Benchmark benchmark)
    {
        var rounds = Number("--rounds", 3, "How often the contestants alternate.");
        var threads = Number("--threads", 1, "Threads of libtorch, here and in Python.");
        var python = new Option<string>("--python") { Description = "The interpreter of the yardsticks; it needs torch.", DefaultValueFactory = _ => "python3" };
        var quick = new Option<bool>("--quick") { Description = "A small size: does it run, not how fast is it." };
        var command = new Command(benchmark.Name, benchmark.Description) { rounds, threads, python, quick };
        command.SetAction(parse =>
        {
            var options = new BenchmarkOptions(parse.GetValue(rounds), parse.GetValue(threads), parse.GetValue(python)!, parse.GetValue(quick));
            TorchSharp.torch.set_num_threads(options.Threads);
            benchmark.Run(options).Write(options);
        });
        return command;
    }

    private static Option<int> Number(string name, int value, string description)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
            {
                result.AddError($"{name}: expected a whole number from 1 on.");
            }
        });
        return option;
    }
}
