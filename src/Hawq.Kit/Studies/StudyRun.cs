namespace Hawq.Kit;

/// <summary>One process's part in a study: it plans all cells, then trains those that nobody has trained or is training.</summary>
internal sealed class StudyRun : IDisposable
{
    private sealed record Planned(StudyCell Cell, BitAllocation Allocation, StudyTraining Training);

    private readonly Study _study;
    private readonly IProgress<StudyProgress>? _progress;
    private readonly CancellationToken _cancellation;
    private readonly StudyFolder _folder;
    private readonly StudyMeasurement _measurement;
    private readonly Network _copy;
    private readonly string _network;

    public StudyRun(Study study, IProgress<StudyProgress>? progress, CancellationToken cancellation)
    {
        (_study, _progress, _cancellation) = (study, progress, cancellation);
        _folder = new StudyFolder(study.Folder!);
        _measurement = new StudyMeasurement(study, _folder, progress, cancellation);
        _copy = study.Network.Clone();
        _network = StudyWords.Of(_copy);
    }

    public void Dispose() => _copy.Dispose();

    public StudyReport Go()
    {
        var cells = Plan().ToList();
        var trainings = cells.DistinctBy(cell => cell.Training.Name).ToList();
        Train(trainings);
        var outcomes = trainings.ToDictionary(cell => cell.Training.Name, cell => cell.Training.Outcome()!);
        return new StudyReport([.. cells.Select(cell => Row(cell, outcomes[cell.Training.Name]))], Describe(cells[0].Training.Settings));
    }

    private IEnumerable<Planned> Plan() =>
        from metric in _study.Metrics
        from rule in _study.Rules
        from budget in _study.Budgets
        from order in _study.Orders
        from scheme in _study.Schemes
        from seed in _study.Seeds
        select Plan(new StudyCell(metric, rule, budget.Name, order, scheme.ToString(), seed), budget, scheme);

    private Planned Plan(StudyCell cell, Budget budget, QuantizationScheme scheme)
    {
        _cancellation.ThrowIfCancellationRequested();
        var table = _measurement.Table(cell.Metric, scheme, cell.Seed);
        BitAllocation allocation;
        try
        {
            allocation = RuleAllocation.Of(table, budget, cell.Rule, cell.Seed);
        }
        catch (ArgumentException error)
        {
            throw new ArgumentException($"Cell ({cell}) has no bits: {error.Message}", error);
        }

        var recipe = _study.Tuning(BlockwiseFineTuning.Of(_copy, allocation, _study.ActivationBits)).OrderedBy(cell.Order).With(scheme);
        return new Planned(cell, allocation, new StudyTraining(_study, _folder, recipe, cell.Seed, _network));
    }

    private void Train(List<Planned> trainings)
    {
        var open = trainings.Where(cell => cell.Training.Outcome() is null).ToList();
        Tell(trainings[0], null);
        while (open.Count > 0)
        {
            var before = open.Count;
            foreach (var cell in open.ToList())
            {
                _cancellation.ThrowIfCancellationRequested();
                if (cell.Training.Outcome() is not null || cell.Training.TryRun(new ProgressRelay<TrainingProgress>(p => Tell(cell, p)), _cancellation))
                {
                    open.Remove(cell);
                    Tell(cell, null);
                }
            }

            if (open.Count == before)
            {
                FileLock.Wait(_cancellation); // others are at all that is left; if one dies, its lock falls to us
            }
        }

        void Tell(Planned cell, TrainingProgress? training) =>
            _progress?.Report(new StudyProgress(cell.Cell.ToString(), trainings.Count - open.Count, trainings.Count, training));
    }

    private static StudyResult Row(Planned cell, TrainingOutcome outcome) => new(
        cell.Cell,
        string.Join(",", cell.Allocation.Blocks.Select(block => block.Bits)),
        cell.Allocation.AverageBits,
        cell.Allocation.WeightCompression,
        cell.Allocation.Perturbation,
        outcome.Before?.Percent ?? double.NaN,
        outcome.After?.Percent ?? double.NaN,
        outcome.After?.Loss ?? double.NaN,
        outcome.Test?.Percent ?? double.NaN,
        cell.Training.Name);

    private string Describe(string training) =>
        $"{_network}; bits {string.Join(", ", _study.Bits)}; inputs {_study.ActivationBits} bit; {training}; data {_study.Train.Hash}, " +
        $"validation {_study.Validation.Hash}, test {_study.Test?.Hash ?? "none"}; {StudyWords.Versions}";
}
