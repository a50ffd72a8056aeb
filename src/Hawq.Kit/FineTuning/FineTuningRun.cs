using TorchSharp.Modules;

namespace Hawq.Kit;

/// <summary>One run of block-wise fine-tuning: the network as it is now, the epochs so far, the best state.</summary>
internal sealed class FineTuningRun : IDisposable
{
    private const int CalibrationPictures = 1024;
    private const int CalibrationBatch = 256;

    private readonly BlockwiseFineTuning _recipe;
    private readonly IImageSource _train;
    private readonly IImageSource _validation;
    private readonly long _seed;
    private readonly IReadOnlyList<StagePlan> _stages;
    private readonly ActivationCalibration? _calibration;
    private readonly TrainingJournal _journal;
    private readonly Network _model;
    private readonly TeacherMemory? _teacher; // of this run alone
    private readonly BestState _best = new();
    private int _attached;
    private bool _isHandedOver; // to the report, or to who catches a divergence

    public FineTuningRun(BlockwiseFineTuning recipe, IImageSource train, IImageSource validation, long seed, IProgress<TrainingProgress>? progress)
    {
        (_recipe, _train, _validation, _seed) = (recipe, train, validation, seed);
        _stages = recipe.Stages(seed);
        _journal = new TrainingJournal(recipe.CheckpointPath, recipe.Describe(train, validation, seed), progress);
        _calibration = recipe.Blocks.All(block => block.Precision.ActivationBits.IsFloat) ? null : Calibrate();
        _model = recipe.Float.Clone();
        _teacher = recipe.Distillation is { Memory: null } ? new TeacherMemory(recipe.Float, mostBytes: 0) : null;
    }

    private List<EpochResult> Epochs => _journal.Epochs;

    private Distillation? Distillation => _teacher is null ? _recipe.Distillation : _recipe.Distillation! with { Memory = _teacher };

    public FineTuningReport Go(CancellationToken cancellation)
    {
        var before = Untuned(cancellation);
        var first = 0;
        for (var k = 0; k < _stages.Count; first += _stages[k++].Epochs)
        {
            if (Epochs.Count < first + _stages[k].Epochs)
            {
                RunStage(k, first, cancellation);
            }
        }

        if (Epochs.Count == first && _attached < _stages.Count)
        {
            Resume(_stages.Count - 1); // the checkpoint is of the finished run
            _journal.Announce(1, Epochs.Count);
        }

        _best.CopyTo(_model);
        _model.eval();
        var report = new FineTuningReport(
            _model, FineTuningStage.Of(_stages), Epochs, before, Accuracy.Of(_model, _validation, cancellation), _journal.Fingerprint, _seed);
        _isHandedOver = true;
        return report;
    }

    public void Dispose()
    {
        _best.Dispose();
        _teacher?.Dispose();
        if (!_isHandedOver)
        {
            _model.Dispose();
        }
    }

    private void RunStage(int k, int first, CancellationToken cancellation)
    {
        var isClosing = _stages[k].Blocks.Count == 0;
        var optimization = isClosing ? _recipe.ClosingOptimization : _recipe.Optimization;
        var resumes = _journal.Resumes && Epochs.Count > first && _attached <= k;
        var atBoundary = _journal.Resumes && Epochs.Count == first && first > 0 && _attached < k;
        if (atBoundary)
        {
            Resume(k - 1);
        }

        AttachUpTo(k);
        _model.zero_grad(set_to_none: true); // an optimizer moves what has a gradient, be it zero, by weight decay: frozen weights too
        using var optimizer = optimization.Create(_model);
        if (resumes)
        {
            _journal.Restore(_model, optimizer, _best);
        }

        var loop = new TrainingLoop(_model, optimization, _train, _validation)
        {
            BatchSize = _recipe.BatchSize,
            EpochPictures = _recipe.EpochPictures,
            Distillation = Distillation,
            Precision = _recipe.Precision,
            Seed = _seed,
        };
        while (Epochs.Count < first + _stages[k].Epochs)
        {
            var plan = new EpochPlan(k + 1, _stages[k].Name, Epochs.Count + 1, Epochs.Count - first, _stages[k].Epochs);
            Train(loop, optimizer, plan, cancellation);
            if (IsBest())
            {
                _best.Keep(_model);
            }

            _journal.Save(_model, optimizer, _best);
        }
    }

    private void Train(TrainingLoop loop, OptimizerHelper optimizer, EpochPlan plan, CancellationToken cancellation)
    {
        try
        {
            _journal.Train(loop, optimizer, plan, _stages.Sum(stage => stage.Epochs), cancellation);
        }
        catch (DivergedException)
        {
            _isHandedOver = true;
            throw;
        }
    }

    /// <summary>Whether the last epoch is the best of those in which every block was quantized.</summary>
    private bool IsBest()
    {
        var complete = _stages.Count(stage => stage.Blocks.Count > 0);
        var last = Epochs[^1];
        return last.Stage >= complete &&
            Epochs.Where(epoch => epoch.Stage >= complete).All(epoch => epoch.ValidationAccuracy <= last.ValidationAccuracy);
    }

    private void Resume(int stage)
    {
        AttachUpTo(stage);
        _journal.Restore(_model, null, _best);
    }

    private void AttachUpTo(int stage)
    {
        for (; _attached <= stage; _attached++)
        {
            ModelQuantizer.Quantize(_model, _stages[_attached].Blocks, _recipe.Scheme, _calibration);
            FreezeBefore(_attached);
        }
    }

    private void FreezeBefore(int stage)
    {
        if (!_recipe.FreezesFinished)
        {
            return;
        }

        var finished = _stages.Take(stage).SelectMany(s => s.Blocks).SelectMany(block => block.Block.LayerNames).ToHashSet();
        foreach (var (name, layer) in _model.WeightLayers())
        {
            var isFrozen = finished.Contains(name);
            layer.Weight.requires_grad = !isFrozen;
            if (layer.WeightQuantizer is WeightFakeQuantizer quantizer)
            {
                quantizer.Freeze(isFrozen);
            }
        }
    }

    private ActivationCalibration Calibrate()
    {
        var pictures = _train.Take(Math.Min(CalibrationPictures, _train.Count));
        using var copy = _recipe.Float.Clone(); // it is observed, and others may be fine-tuning the float network at the same time
        return ActivationCalibration.Of(copy, InTurn(pictures.Batches(pictures.BatchSizeLike(CalibrationBatch))));
    }

    /// <summary>One batch at a time is in memory.</summary>
    private static IEnumerable<Batch> InTurn(IEnumerable<Batch> batches)
    {
        foreach (var batch in batches)
        {
            using (batch)
            {
                yield return batch;
            }
        }
    }

    /// <summary>What the bit widths score without fine-tuning: post-training quantization.</summary>
    private Accuracy Untuned(CancellationToken cancellation)
    {
        using var copy = _recipe.Float.Clone();
        ModelQuantizer.Quantize(copy, _recipe.Blocks.Select(block => block.Precision), _recipe.Scheme, _calibration);
        return Accuracy.Of(copy, _validation, cancellation);
    }
}
