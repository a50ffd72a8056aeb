using System.Diagnostics;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Epochs over batches with one optimizer: what plain training and each stage of fine-tuning have in common.</summary>
internal sealed class TrainingLoop(ModelInTraining trained, Optimization optimization, IImageSource train, IImageSource? validation)
{
    private readonly Device _device = trained.Model.parameters().First().device;

    public ModelInTraining Trained => trained;

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
    /// <exception cref="NotFiniteNumberException">It diverged; the message begins a sentence that says what became so.</exception>
    public EpochResult Epoch(
        TorchSharp.Modules.OptimizerHelper optimizer, EpochPlan plan, Action<long, double> onStep, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        trained.Model.train();
        foreach (var dropout in trained.Model.modules().OfType<SeededDropout>())
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
                ThrowUnlessFinite("loss", loss);
                lossSum += loss * batch.Size;
                correct += right;
                seen += batch.Size;
                onStep(++step, loss);
            }
        }

        ThrowUnlessBounded();
        var accuracy = validation is null ? null : Accuracy.Of(trained.Model, validation, cancellation);
        ThrowUnlessFinite("validation loss", accuracy?.Loss ?? 0);
        return new EpochResult(
            plan.Stage, plan.StageName, plan.Epoch, RateAt(plan.Progress(1)), lossSum / seen, 100.0 * correct / seen, accuracy?.Percent ?? double.NaN,
            clock.Elapsed.TotalSeconds);
    }

    private static void ThrowUnlessFinite(string what, double value)
    {
        if (!double.IsFinite(value))
        {
            throw new NotFiniteNumberException(FormattableString.Invariant($"The {what} became {value}"), value);
        }
    }

    /// <summary>Finds a last step that went astray, since no loss follows it: weights whose squares overflow, which batch norm cannot bring back.</summary>
    private void ThrowUnlessBounded()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var (name, parameter) in trained.Model.named_parameters())
        {
            ThrowUnlessFinite($"square norm of \"{name}\"", parameter.pow(2).sum().ToNumber());
        }
    }

    private (double Loss, long Correct) Step(TorchSharp.Modules.OptimizerHelper optimizer, Batch batch)
    {
        using var scope = NewDisposeScope();
        optimizer.zero_grad();
        var (pictures, targets) = batch.To(_device);
        var inputs = Precision.Of(pictures);
        var logits = trained.Model.call(inputs).to(ScalarType.Float32);                     // (N, classes)
        ClassCount.Require(batch.Targets, logits);
        var loss = nn.functional.cross_entropy(logits, targets);
        if (Distillation is not null)
        {
            loss = Distillation.Loss(logits, inputs, loss);
        }

        loss.backward();
        optimizer.step();
        return (loss.item<float>(), logits.argmax(1).eq(targets).sum().item<long>());
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
