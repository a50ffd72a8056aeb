namespace Hawq.Kit;

/// <summary>Recipe for training a float network: <c>Of … With… Run</c>. Immutable; each <c>With…</c> returns a copy.</summary>
public sealed record NetworkTraining
{
    private NetworkTraining()
    {
    }

    private Network Start { get; init; } = null!;

    private int Epochs { get; init; } = 30;

    private int BatchSize { get; init; } = 128;

    private Optimization Optimization { get; init; } =
        Optimization.Sgd(0.1) with { WeightDecay = 5e-4, Schedule = LearningRateSchedule.OneCycle() };

    private Augmentation Augmentation { get; init; } = Augmentation.CropAndFlip;

    private string? CheckpointPath { get; init; }

    /// <summary>Starts from a network; it is copied, never changed.</summary>
    /// <param name="network">A float network.</param>
    public static NetworkTraining Of(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return new NetworkTraining { Start = network };
    }

    /// <summary>How many passes over the training pictures; 30 unless said.</summary>
    /// <param name="epochs">At least 1.</param>
    public NetworkTraining WithEpochs(int epochs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(epochs, 1);
        return this with { Epochs = epochs };
    }

    /// <summary>Pictures in a batch; 128 unless said.</summary>
    /// <param name="size">At least 2, since batch norm needs a spread.</param>
    public NetworkTraining WithBatchSize(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 2);
        return this with { BatchSize = size };
    }

    /// <summary>The optimizer; SGD at 0.1 with one cycle and weight decay 5e-4 unless said.</summary>
    /// <param name="optimization">Optimizer, learning rate and schedule.</param>
    public NetworkTraining With(Optimization optimization) => this with { Optimization = optimization };

    /// <summary>Random changes of the pictures; crop and flip unless said.</summary>
    /// <param name="augmentation">What is done.</param>
    public NetworkTraining With(Augmentation augmentation) => this with { Augmentation = augmentation };

    /// <summary>Saves the whole state after each epoch, and goes on from there, bit-identically, if the file exists.</summary>
    /// <param name="path">A file of its own for this run.</param>
    public NetworkTraining WithCheckpoint(string path) => this with { CheckpointPath = path };

    /// <summary>Trains a copy of the network to the last epoch.</summary>
    /// <param name="train">Training pictures.</param>
    /// <param name="validation">Pictures that the learning curve is drawn on, or <see langword="null"/>; nothing is selected by them.</param>
    /// <param name="seed">Decides data order and augmentation.</param>
    /// <param name="progress">Hears of each batch.</param>
    /// <param name="cancellation">Stops between batches; the checkpoint of the last epoch stays.</param>
    /// <exception cref="DivergedException">The loss became infinite or not a number.</exception>
    public TrainingReport Run(
        IImageSource train, IImageSource? validation, long seed, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(train);
        var model = Start.Clone();
        using var optimizer = Optimization.Create(model);
        using var last = new BestState();
        last.Keep(model);
        var loop = new TrainingLoop(model, Optimization, train, validation)
        {
            BatchSize = Math.Min(BatchSize, train.Count),
            Augmentation = Augmentation,
            Seed = seed,
        };
        var fingerprint = $"{Start.Architecture}; {Epochs} epochs; batch {BatchSize}; {Optimization}; {Augmentation}; seed {seed}; data {train.Hash}";
        var epochs = CheckpointPath is null ? [] : TrainingState.Epochs(CheckpointPath, fingerprint);
        if (epochs.Count > 0)
        {
            TrainingState.Restore(CheckpointPath!, model, optimizer, last);
        }

        while (epochs.Count < Epochs)
        {
            var plan = new EpochPlan(1, "training", epochs.Count + 1, epochs.Count, Epochs);
            var done = epochs.Count * loop.StepsPerEpoch;
            try
            {
                epochs.Add(loop.Epoch(optimizer, plan, (step, loss) => progress?.Report(new TrainingProgress(
                    1, plan.StageName, done + step, Epochs * loop.StepsPerEpoch, loss, epochs.LastOrDefault())), cancellation));
            }
            catch (NotFiniteNumberException error)
            {
                last.CopyTo(model);
                throw new DivergedException(
                    $"The loss became {error.OffendingNumber} in epoch {plan.Epoch}; expected a finite number. Lower the learning rate " +
                    $"({Optimization.LearningRate}). The state after epoch {epochs.Count} is kept.", epochs);
            }

            last.Keep(model);
            if (CheckpointPath is not null)
            {
                TrainingState.Save(CheckpointPath, model, optimizer, last, epochs, fingerprint);
            }
        }

        model.eval();
        return new TrainingReport(model, epochs, fingerprint, seed);
    }
}

/// <summary>A trained network with its learning curve. It owns the network.</summary>
/// <param name="Network">The trained network, in evaluation mode.</param>
/// <param name="Epochs">What each epoch did.</param>
/// <param name="Settings">All settings in words.</param>
/// <param name="Seed">Seed of data order and augmentation.</param>
public sealed partial record TrainingReport(Network Network, IReadOnlyList<EpochResult> Epochs, string Settings, long Seed);
