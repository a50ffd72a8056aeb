using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>What was measured of a block, as it is kept in a study's folder.</summary>
internal sealed record KeptCurvature(string Block, IReadOnlyList<Eigenpair> Eigenvalues, Estimate? Trace, Estimate? Fisher);

/// <summary>Curvature and sensitivity for the cells of a study; what takes long is measured once and kept in the folder.</summary>
internal sealed class StudyMeasurement(
    Study study, StudyFolder folder, IProgress<StudyProgress>? progress, CancellationToken cancellation)
{
    private const int LossPictures = 512;   // as many as HAWQ-V2 advises for the trace
    private const int LossBatch = 128;
    private const string Kind = "measured";

    private readonly string _network = StudyWords.Of(study.Network);
    private readonly Dictionary<(SensitivityMetric, QuantizationScheme, long), SensitivityTable> _tables = [];
    private readonly Dictionary<long, IReadOnlyList<BlockCurvature>> _curvature = [];
    private readonly Dictionary<QuantizationScheme, IReadOnlyList<IReadOnlyList<Estimate>>> _lossChanges = [];

    /// <summary>Ω of all blocks by a metric, for weights of a scheme.</summary>
    public SensitivityTable Table(SensitivityMetric metric, QuantizationScheme scheme, long seed)
    {
        var key = (metric, scheme, study.Analysis is null ? 0 : seed);
        return _tables.TryGetValue(key, out var table) ? table : _tables[key] = Make(metric, scheme, seed);
    }

    private SensitivityTable Make(SensitivityMetric metric, QuantizationScheme scheme, long seed)
    {
        var curvature = Curvature(seed);
        using var _ = no_grad();
        var blocks = curvature.Select(measured => measured.Block).ToList();
        var metrics = BlockMetrics.Of(curvature, study.Bits, scheme).ToList();
        if (metric == SensitivityMetric.LossChange)
        {
            metrics.Add(new MetricValues(metric, LossChanges(blocks, scheme)));
        }

        var table = new MetricReport(blocks, study.Bits, scheme, metrics, [], 0, "", "", seed)
            .SensitivityBy(study.Network, metric);
        return study.Costs(table);
    }

    private IReadOnlyList<BlockCurvature> Curvature(long seed)
    {
        if (study.Curvature is { } given)
        {
            return given.Blocks;
        }

        return _curvature.TryGetValue(seed, out var known) ? known : _curvature[seed] = Measured(study.Analysis!, seed);
    }

    private List<BlockCurvature> Measured(HessianAnalysis analysis, long seed)
    {
        var words = $"curvature; {_network}; {StudyWords.Of(analysis)}; seed {seed}; {StudyWords.Versions}";
        var relay = new ProgressRelay<CurvatureProgress>(p => progress?.Report(
            new StudyProgress($"curvature of {p.Block}, seed {seed}", 0, study.CellCount, null)));
        var kept = folder.Remember(Kind, words, () => Keep(analysis.Run(seed, relay, cancellation)), cancellation);
        return [.. analysis.Partition.Of(study.Network).Zip(
            kept, (block, values) => new BlockCurvature(block, values.Eigenvalues, values.Trace) { Fisher = values.Fisher })];
    }

    private static List<KeptCurvature> Keep(CurvatureReport report) =>
        [.. report.Blocks.Select(b => new KeptCurvature(b.Block.Name, b.Eigenvalues, b.Trace, b.Fisher))];

    /// <summary>A list for each bit width of the study with an estimate for each block.</summary>
    private IReadOnlyList<IReadOnlyList<Estimate>> LossChanges(IReadOnlyList<Block> blocks, QuantizationScheme scheme)
    {
        if (_lossChanges.TryGetValue(scheme, out var known))
        {
            return known;
        }

        var pictures = study.Train.Take(Math.Min(LossPictures, study.Train.Count));
        var words = $"loss change; {_network}; {string.Join(", ", blocks.Select(b => $"{b.Name} ({string.Join(", ", b.LayerNames)})"))}; " +
            $"{scheme} at {string.Join(", ", study.Bits)}; pictures {pictures.Hash}; {StudyWords.Versions}";
        return _lossChanges[scheme] = folder.Remember(Kind, words, () => Change(pictures, blocks, scheme), cancellation);
    }

    private IReadOnlyList<IReadOnlyList<Estimate>> Change(ImageSet pictures, IReadOnlyList<Block> blocks, QuantizationScheme scheme)
    {
        var batches = pictures.Batches(LossBatch).ToList();
        try
        {
            using var loss = nn.CrossEntropyLoss();
            var relay = new ProgressRelay<MetricProgress>(p => progress?.Report(new StudyProgress($"loss change of {p.Block}", 0, study.CellCount, null)));
            return new LossChange(new EmpiricalRisk(study.Network, loss, batches)).Table(blocks, study.Bits, scheme, relay, cancellation);
        }
        finally
        {
            batches.ForEach(batch => batch.Dispose());
        }
    }
}
