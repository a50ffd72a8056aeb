namespace Hawq.Kit.Tests.Studies;

public sealed class StudyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CifarResNet _network = new(8, seed: 1);

    private Study Four => TinyStudy.Of(_network).WithRules(AllocationRule.Hawq, AllocationRule.UniformBits).WithSeeds(1, 2);

    public void Dispose()
    {
        _network.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Finished_cells_are_skipped()
    {
        var study = Four.WithOrders(BlockOrder.AllAtOnce).In(_folder["a"]);
        var first = Batches(study, out var report);
        first.ShouldBe(4 * 2);
        var files = Files("a");
        Batches(study, out var again).ShouldBe(0);
        again.Results.ShouldBe(report.Results);
        Files("a").ShouldBe(files);
        Batches(study.WithSeeds(1, 2, 3), out var more).ShouldBe(2 * 2);
        more.Results.Where(r => r.Cell.Seed < 3).ShouldBe(report.Results);
    }

    [Fact]
    public void Sweep_stopped_at_random_batches_ends_with_the_table_of_an_undisturbed_one()
    {
        var whole = Four.In(_folder["whole"]).Run();
        var random = new SplitMix64(1);
        var (broken, stops, report) = (Four.In(_folder["broken"]), 0, (StudyReport?)null);
        while (report is null)
        {
            using var source = new CancellationTokenSource();
            var left = 3 + random.Below(9); // an epoch has 2 batches, so that each run gets further
            var stop = new Listener<StudyProgress>(p =>
            {
                if (p.Training is not null && --left == 0)
                {
                    source.Cancel();
                }
            });
            try
            {
                report = broken.Run(stop, source.Token);
            }
            catch (OperationCanceledException)
            {
                stops++;
            }
        }

        stops.ShouldBeGreaterThanOrEqualTo(3);
        report.Results.ShouldBe(whole.Results);
        report.Results.Select(r => r.Run).Distinct().Count().ShouldBe(4);
        foreach (var run in whole.Results.Select(r => r.Run))
        {
            File.ReadAllBytes(Weights("broken", run)).ShouldBe(File.ReadAllBytes(Weights("whole", run)));
            File.Exists(Path.ChangeExtension(Weights("broken", run), ".json")).ShouldBeTrue();
        }

        Files("broken").ShouldNotContain(name => name.EndsWith("checkpoint.safetensors", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_runners_share_the_work_and_end_with_the_same_table()
    {
        var study = Four.WithOrders(BlockOrder.AllAtOnce, BlockOrder.NetworkOrder);
        var batches = Batches(study.In(_folder["alone"]), out var alone);
        using var bothBegan = new Barrier(2); // else a fast one might do all before the other has begun
        var runners = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            using var own = new CifarResNet(8, seed: 1);
            var recipe = TinyStudy.Of(own).WithRules(AllocationRule.Hawq, AllocationRule.UniformBits).WithSeeds(1, 2)
                .WithOrders(BlockOrder.AllAtOnce, BlockOrder.NetworkOrder);
            var count = Batches(recipe.In(_folder["shared"]), out var report, () => bothBegan.SignalAndWait(TimeSpan.FromSeconds(60)));
            return (count, report);
        })));
        runners.Sum(runner => runner.count).ShouldBe(batches); // no cell was trained twice
        runners.ShouldAllBe(runner => runner.count > 0);
        runners.ShouldAllBe(runner => runner.report.Results.SequenceEqual(alone.Results));
    }

    [Fact]
    public void Changed_setting_makes_another_cell()
    {
        var study = Four.WithOrders(BlockOrder.AllAtOnce).WithSeeds(1).WithRules(AllocationRule.UniformBits).In(_folder["a"]);
        var report = study.Run();
        using var other = new CifarResNet(8, seed: 2);
        Study[] changed =
        [
            study.FineTunedBy(tuning => tuning.WithBatchSize(4)),
            study.FineTunedBy(tuning => tuning.WithBatchSize(8).WithEpochs(2)),
            study.WithActivationBits(8),
            study.WithSeeds(2),
            study.TestedOn(TinyStudy.Train),
            study.WithSchemes(QuantizationScheme.DoReFa),
            study.WithSchemes(QuantizationScheme.Pact),
            study.WithOrders(BlockOrder.NetworkOrder),
            TinyStudy.Of(other).WithOrders(BlockOrder.AllAtOnce).WithRules(AllocationRule.UniformBits).In(_folder["a"]),
        ];
        var runs = changed.Select(s => s.Run().Results.Single().Run).ToList();
        runs.Append(report.Results[0].Run).Distinct().Count().ShouldBe(changed.Length + 1);
        study.Run().Results.ShouldBe(report.Results);
        study.FineTunedBy(tuning => tuning.WithBatchSize(4)).Run().Settings.ShouldContain("batch 4");
        report.Results[0].TestAccuracy.ShouldBe(double.NaN);
        changed[4].Run().Results[0].TestAccuracy.ShouldBeInRange(0, 100);
    }

    [Fact]
    public void Cells_with_the_same_training_share_it()
    {
        var study = TinyStudy.Of(_network).WithMetrics(SensitivityMetric.FisherPerturbation, SensitivityMetric.QuantizationError, SensitivityMetric.LossChange)
            .WithRules(AllocationRule.UniformBits).WithOrders(BlockOrder.AllAtOnce).In(_folder["a"]);
        Batches(study, out var report).ShouldBe(2);
        report.Results.Count.ShouldBe(3);
        report.Results.Select(r => r.Run).Distinct().Count().ShouldBe(1);
        report.Results.Select(r => r.Perturbation).Distinct().Count().ShouldBe(3);
    }

    [Fact]
    public void Diverged_training_is_a_row_and_not_the_end()
    {
        var wild = Optimization.Sgd(1e30) with { Schedule = LearningRateSchedule.Constant };
        var study = TinyStudy.Of(_network).WithOrders(BlockOrder.AllAtOnce).FineTunedBy(tuning => tuning.WithBatchSize(4).With(wild)).In(_folder["a"]);
        var row = study.Run().Results.Single();
        row.Accuracy.ShouldBe(double.NaN);
        row.WeightCompression.ShouldBeGreaterThanOrEqualTo(6.4);
        Batches(study, out var again).ShouldBe(0);
        again.Results.ShouldBe([row]);
        again.Curves(_folder["a"]).ShouldHaveSingleItem().Epochs.ShouldBeEmpty();
    }

    [Fact]
    public void Curves_are_those_of_the_same_fine_tuning_run_alone()
    {
        var study = TinyStudy.Of(_network).WithOrders(BlockOrder.NetworkOrder, BlockOrder.AllAtOnce).In(_folder["a"]);
        var report = study.Run();
        var curves = report.Curves(_folder["a"]);
        curves.Select(curve => curve.Result).ShouldBe(report.Results);
        var bits = TinyStudy.Curvature(_network).SensitivityTo(_network, QuantizationScheme.AsymmetricPerTensor, CurvatureMeasure.TopEigenvalue, 2, 4, 8)
            .Allocate(Budget.AverageBits(5));
        var alone = BlockwiseFineTuning.Of(_network, bits, BitWidth.Float).OrderedBy(BlockOrder.NetworkOrder).WithBatchSize(8)
            .Run(TinyStudy.Train, TinyStudy.Validation, 1);
        using var network = alone.Network;
        curves[0].Epochs.Select(epoch => epoch with { Seconds = 0 }).ShouldBe(alone.Epochs.Select(epoch => epoch with { Seconds = 0 }));
        curves[1].Epochs.ShouldHaveSingleItem();
        Should.Throw<ArgumentException>(() => report.Curves(_folder["b"])).Message.ShouldContain("Run the study there first");
        var card = Path.ChangeExtension(Weights("a", report.Results[0].Run), ".json");
        File.WriteAllText(card, "{ \"epo");
        Should.Throw<InvalidDataException>(() => report.Curves(_folder["a"])).Message.ShouldContain("is no run card");
        File.WriteAllText(card, "{ }");
        Should.Throw<InvalidDataException>(() => report.Curves(_folder["a"])).Message.ShouldContain("names no epochs");
    }

    [Theory]
    [InlineData(CurvatureMeasure.TopEigenvalue)]
    [InlineData(CurvatureMeasure.AverageTrace)]
    public void Same_seed_gives_the_same_bits_in_five_runs(CurvatureMeasure measure)
    {
        using var batch = TinyStudy.Train.Batches(16).First();
        var runs = Enumerable.Range(0, 5).Select(_ => Of(seed: 3)).ToList();
        runs.ShouldAllBe(run => run.Bits == runs[0].Bits && run.Numbers.SequenceEqual(runs[0].Numbers));
        Of(seed: 4).Numbers.ShouldNotBe(runs[0].Numbers); // the seed does decide: loose tolerances leave the start's mark

        (string Bits, List<double> Numbers) Of(long seed)
        {
            using var own = new CifarResNet(8, seed: 1);
            var curvature = HessianAnalysis.Of(own, TorchSharp.torch.nn.CrossEntropyLoss(), [batch])
                .WithTopEigenvalues(tolerance: 0.3, maximum: 4).WithTrace(relativeError: 0.3, maximum: 8).Run(seed);
            var bits = curvature.SensitivityTo(own, QuantizationScheme.SymmetricPerChannel, measure, 2, 3, 4, 6, 8).Allocate(Budget.AverageBits(4));
            return (string.Join(",", bits.Blocks.Select(block => block.Bits)), [.. curvature.Blocks.Select(block => block.Magnitude(measure))]);
        }
    }

    [Fact]
    public void Analysis_is_measured_once_for_each_seed_and_kept()
    {
        using var batch = TinyStudy.Train.Batches(4).First();
        var analysis = HessianAnalysis.Of(_network, TorchSharp.torch.nn.CrossEntropyLoss(), [batch]).WithTopEigenvalues(tolerance: 0.5, maximum: 3);
        var study = Study.Of(_network, analysis, TinyStudy.Train, TinyStudy.Validation).WithBits(2, 4, 8).WithOrders(BlockOrder.AllAtOnce)
            .FineTunedBy(tuning => tuning.WithBatchSize(8)).WithSeeds(1, 2).In(_folder["a"]);
        var measured = new List<string>();
        var hear = new Listener<StudyProgress>(p => measured.Add(p.Cell));
        var report = study.Run(hear);
        measured.ShouldContain("curvature of conv1, seed 2");
        measured.Clear();
        Directory.GetDirectories(_folder["a/measured"]).Length.ShouldBe(2);
        study.Run(hear).Results.ShouldBe(report.Results);
        measured.ShouldNotContain(cell => cell.StartsWith("curvature", StringComparison.Ordinal));
        foreach (var row in report.Results)
        {
            var given = analysis.Run(row.Cell.Seed).SensitivityTo(_network, QuantizationScheme.AsymmetricPerTensor, CurvatureMeasure.TopEigenvalue, 2, 4, 8)
                .Allocate(Budget.AverageBits(4));
            row.Perturbation.ShouldBe(given.Perturbation, 1e-9 * given.Perturbation);
            row.Bits.ShouldBe(string.Join(",", given.Blocks.Select(b => b.Bits)));
        }

        var kept = Directory.GetFiles(_folder["a/measured"], "result.json", SearchOption.AllDirectories)[0];
        File.WriteAllText(kept, "{ \"Finger");
        Should.Throw<InvalidDataException>(() => study.Run()).Message.ShouldContain("Delete its folder");
    }

    [Fact]
    public void Wrong_settings_are_refused_before_any_work()
    {
        Should.Throw<InvalidOperationException>(() => Four.Run()).Message.ShouldStartWith("Received no folder");
        Should.Throw<ArgumentException>(() => Four.WithSeeds()).Message.ShouldStartWith("Received no value");
        Should.Throw<ArgumentException>(() => Four.WithSeeds(3, 3)).Message.ShouldStartWith("Received \"3\" twice");
        Should.Throw<ArgumentException>(() => Four.WithMetrics(SensitivityMetric.AverageTrace)).Message.ShouldContain("price no bits");
        Should.Throw<InvalidOperationException>(() => Four.WithBits(2, 4).WithRules(AllocationRule.FirstAndLastAt8).In(_folder["a"]).Run())
            .Message.ShouldContain("Add 8 to WithBits");
        Should.Throw<ArgumentException>(() => Four.WithBudgets(Budget.AverageBits(4), Budget.AverageBits(1)).In(_folder["a"]).Run())
            .Message.ShouldContain("No choice meets");
        Directory.Exists(_folder["a/cells"]).ShouldBeFalse();
        using var other = new CifarResNet(8, seed: 1);
        var analysis = HessianAnalysis.Of(other, TorchSharp.torch.nn.CrossEntropyLoss(), []);
        Should.Throw<ArgumentException>(() => Study.Of(_network, analysis, TinyStudy.Train, TinyStudy.Validation)).Message.ShouldStartWith("The analysis is of another network");
    }

    private static int Batches(Study study, out StudyReport report, Action? onFirst = null)
    {
        var count = 0;
        report = study.Run(new Listener<StudyProgress>(p =>
        {
            count += p.Training is null ? 0 : 1;
            if (count == 1 && p.Training is not null)
            {
                onFirst?.Invoke();
            }
        }));
        return count;
    }

    private string Weights(string study, string run) => Path.Combine(_folder[study], "cells", run, "network.safetensors");

    private List<(string, DateTime)> Written(string study) =>
        [.. Directory.GetFiles(_folder[study], "*", SearchOption.AllDirectories).Order().Select(file => (file, File.GetLastWriteTimeUtc(file)))];

    private List<string> Files(string study) => [.. Written(study).Select(file => $"{file.Item1} {file.Item2:O}")];
}
