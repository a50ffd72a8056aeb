using System.Diagnostics;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Epochs over batches with one optimizer: what plain training and each stage of fine-tuning have in common.</summary>
internal sealed class TrainingLoop(Network model, Optimization optimization, IImageSource train, IImageSource? validation)
{
    public Network Model => model;

    /// <summary>Pictures in a batch; all where there are fewer.</summary>
    public required int BatchSize { get; init => field = Math.Min(value, train.Count); }

    public Augmentation Augmentation { get; init; } = Augmentation.CropAndFlip;

    public Distillation? Distillation { get; init; }

    public TrainingPrecision Precision { get; init; }

    public required long Seed { get; init; }

    /// <summary>Pictures that an epoch takes, another choice each time; all if <see langword="null"/>, or where there are fewer.</summary>
    public int? EpochPictures { get; init => field = value is { } pictures ? Math.Min(pictures, train.Count) : null; }

    public long StepsPerEpoch => Math.Max(1, (EpochPictures ?? train.Count) / BatchSize);

    /// <summary>Trains one epoch of a stage; the optimizer's state carries over from epoch to epoch.</summary>
    public EpochResult Epoch(
        TorchSharp.Modules.OptimizerHelper optimizer, EpochPlan plan, Action<long, double> onStep, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        model.train();
        foreach (var dropout in model.modules().OfType<SeededDropout>())
        {
            dropout.Begin(Seed, plan.Epoch);
        }

        var (step, lossSum, correct, seen) = (0L, 0.0, 0L, 0L);
        foreach (var batch in train.TrainingBatches(BatchSize, Augmentation, Seed, plan.Epoch, EpochPictures))
        {
            using (batch)
            {
                NotebookEngine.ThrowIfInterrupted(cancellation);
                SetRate(optimizer, plan.Progress((double)step / StepsPerEpoch));
                var (loss, right) = Step(optimizer, batch);
                if (!double.IsFinite(loss))
                {
                    throw new NotFiniteNumberException(loss);
                }

                lossSum += loss * batch.Size;
                correct += right;
                seen += batch.Size;
                onStep(++step, loss);
            }
        }

        var accuracy = validation is null ? double.NaN : Accuracy.Of(model, validation, cancellation).Percent;
        return new EpochResult(
            plan.Stage, plan.StageName, plan.Epoch, RateAt(plan.Progress(1)), lossSum / seen, 100.0 * correct / seen, accuracy, clock.Elapsed.TotalSeconds);
    }

    private (double Loss, long Correct) Step(TorchSharp.Modules.OptimizerHelper optimizer, Batch batch)
    {
        using var scope = NewDisposeScope();
        optimizer.zero_grad();
        var inputs = Precision.Of(batch.Inputs);
        var logits = model.call(inputs).to(ScalarType.Float32);                             // (N, classes)
        var loss = nn.functional.cross_entropy(logits, batch.Targets);
        if (Distillation is not null)
        {
            loss = Distillation.Loss(logits, inputs, loss);
        }

        loss.backward();
        optimizer.step();
        return (loss.item<float>(), logits.argmax(1).eq(batch.Targets).sum().item<long>());
    }

    private double RateAt(double progress) => optimization.LearningRate * optimization.Schedule.At(progress);

    private void SetRate(TorchSharp.Modules.OptimizerHelper optimizer, double progress)
    {
        foreach (var group in optimizer.ParamGroups)
        {
            group.LearningRate = RateAt(progress);
        }
    }
}
