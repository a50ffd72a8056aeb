using static TorchSharp.torch;

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
    private readonly TrainingJournal _journal;
    private readonly ModelInTraining _trained;
    private readonly TeacherMemory? _teacher; // of this run alone
    private readonly BestState _best = new();
    private ActivationCalibration? _calibration;
    private int _attached;

    public FineTuningRun(BlockwiseFineTuning recipe, IImageSource train, IImageSource validation, long seed, IProgress<TrainingProgress>? progress)
    {
        (_recipe, _train, _validation, _seed) = (recipe, train, validation, seed);
        _stages = recipe.Stages(seed);
        _journal = new TrainingJournal(recipe.CheckpointPath, recipe.Describe(train, validation, seed), progress);
        _trained = new ModelInTraining(recipe.Float.Clone());
        _teacher = recipe.Distillation is { Memory: null } ? new TeacherMemory(recipe.Float, mostBytes: 0) : null;
    }

    private Network Model => _trained.Model;

    private List<EpochResult> Epochs => _journal.Epochs;

    private Distillation? Distillation => _teacher is null ? _recipe.Distillation : _recipe.Distillation! with { Memory = _teacher };

    public FineTuningReport Go(CancellationToken cancellation)
    {
        NotebookEngine.ThrowIfInterrupted(cancellation);
        var (environment, done) = (TrainingEnvironment.OfThisThread(), Epochs.Count);
        _calibration = _recipe.Blocks.All(block => block.Precision.ActivationBits.IsFloat) ? null : Calibrate(cancellation);
        if (_journal.Resumes)
        {
            Resume();
        }

        var (before, layers) = Untuned(cancellation);
        for (var k = 0; k < _stages.Count; k++)
        {
            RunStage(k, cancellation);
        }

        if (Epochs.Count == done)
        {
            _journal.Announce(1, done); // the checkpoint is of the finished run: no batch told of it
        }

        _best.CopyTo(Model);
        var after = Accuracy.Of(Model, _validation, cancellation);
        return new FineTuningReport(_trained.HandOut(), FineTuningStage.Of(_stages), Epochs, before, after, _journal.Fingerprint, _seed)
        {
            Layers = layers,
            Environment = environment,
        };
    }

    public void Dispose()
    {
        _best.Dispose();
        _teacher?.Dispose();
        _trained.Dispose();
    }

    /// <summary>Takes the state after the last finished epoch from the checkpoint: its stage's blocks are quantized, the next stage's are not.</summary>
    private void Resume()
    {
        AttachUpTo(_stages.Count(stage => stage.First < Epochs.Count) - 1);
        _journal.Restore(Model, _best);
    }

    private void RunStage(int k, CancellationToken cancellation)
    {
        var stage = _stages[k];
        if (Epochs.Count >= stage.End)
        {
            return; // before the run was resumed
        }

        var optimization = stage.Blocks.Count == 0 ? _recipe.ClosingOptimization : _recipe.Optimization;
        AttachUpTo(k);
        Model.zero_grad(set_to_none: true); // an optimizer moves what has a gradient, be it zero, by weight decay: frozen weights too
        using var optimizer = optimization.Create(Model);
        if (Epochs.Count > stage.First)
        {
            _journal.Restore(optimizer); // the run was resumed within this stage
        }

        var loop = new TrainingLoop(_trained, optimization, _train, _validation)
        {
            BatchSize = _recipe.BatchSize,
            EpochPictures = _recipe.EpochPictures,
            Distillation = Distillation,
            Precision = _recipe.Precision,
            Seed = _seed,
        };
        while (Epochs.Count < stage.End)
        {
            var plan = new EpochPlan(k + 1, stage.Name, Epochs.Count + 1, Epochs.Count - stage.First, stage.Epochs) { Quantizes = stage.Quantizes };
            _journal.Train(loop, optimizer, plan, _stages[^1].End, cancellation);
            if (IsBest())
            {
                _best.Keep(Model);
            }

            _journal.Save(Model, optimizer, _best);
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

    private void AttachUpTo(int stage)
    {
        for (; _attached <= stage; _attached++)
        {
            ModelQuantizer.Quantize(Model, _stages[_attached].Blocks, _recipe.Scheme, _calibration);
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
        foreach (var (name, layer) in Model.WeightLayers())
        {
            var isFrozen = finished.Contains(name);
            layer.Weight.requires_grad = !isFrozen;
            if (layer.WeightQuantizer is WeightFakeQuantizer quantizer)
            {
                quantizer.Freeze(isFrozen);
            }
        }
    }

    private ActivationCalibration Calibrate(CancellationToken cancellation)
    {
        var pictures = _train.Take(Math.Min(CalibrationPictures, _train.Count));
        using var copy = _recipe.Float.Clone(); // it is observed, and others may be fine-tuning the float network at the same time
        var batches = pictures.Batches(pictures.BatchSizeLike(CalibrationBatch));
        return ActivationCalibration.Of(copy, InTurn(batches, copy.parameters().First().device, cancellation));
    }

    /// <summary>One batch at a time is in memory.</summary>
    private static IEnumerable<Batch> InTurn(IEnumerable<Batch> batches, Device device, CancellationToken cancellation)
    {
        foreach (var batch in batches)
        {
            using (batch)
            using (var moved = batch.To(device))
            {
                yield return moved;
            }

            NotebookEngine.ThrowIfInterrupted(cancellation);
        }
    }

    /// <summary>What the bit widths score without fine-tuning (post-training quantization), and how each layer is quantized.</summary>
    private (Accuracy Accuracy, IReadOnlyList<LayerQuantization> Layers) Untuned(CancellationToken cancellation)
    {
        using var copy = _recipe.Float.Clone();
        var quantized = ModelQuantizer.Quantize(copy, _recipe.Blocks.Select(block => block.Precision), _recipe.Scheme, _calibration);
        return (Accuracy.Of(copy, _validation, cancellation), quantized.Layers);
    }
}
