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

    private int? EpochPictures { get; init; }

    private TrainingPrecision Precision { get; init; }

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
    /// <exception cref="ArgumentOutOfRangeException">There is no epoch.</exception>
    public NetworkTraining WithEpochs(int epochs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(epochs, 1);
        return this with { Epochs = epochs };
    }

    /// <summary>Makes an epoch shorter: each takes another random choice of the training pictures.</summary>
    /// <param name="pictures">Pictures in an epoch, at least 2; all where there are fewer.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 2.</exception>
    public NetworkTraining WithEpochLength(int pictures)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pictures, 2);
        return this with { EpochPictures = pictures };
    }

    /// <summary>Pictures in a batch; 128 unless said.</summary>
    /// <param name="size">At least 2, since batch norm needs a spread.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is below 2.</exception>
    public NetworkTraining WithBatchSize(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 2);
        return this with { BatchSize = size };
    }

    /// <summary>The optimizer; SGD at 0.1 with one cycle and weight decay 5e-4 unless said.</summary>
    /// <param name="optimization">Optimizer, learning rate and schedule.</param>
    public NetworkTraining With(Optimization optimization) =>
        this with { Optimization = optimization ?? throw new ArgumentNullException(nameof(optimization)) };

    /// <summary>Random changes of the pictures; crop and flip unless said.</summary>
    /// <param name="augmentation">What is done.</param>
    public NetworkTraining With(Augmentation augmentation) =>
        this with { Augmentation = augmentation ?? throw new ArgumentNullException(nameof(augmentation)) };

    /// <summary>The type of the activations; float32 unless said.</summary>
    /// <param name="precision">bfloat16 is faster where the CPU multiplies it; accuracy is still measured in float32.</param>
    public NetworkTraining With(TrainingPrecision precision) => this with { Precision = precision };

    /// <summary>Saves the whole state after each epoch, and goes on from there if the file exists: bit-identically, with as many threads.</summary>
    /// <param name="path">A file of its own for this run; its folder is made if it is missing.</param>
    /// <exception cref="ArgumentException">The name is empty, or that of a folder.</exception>
    public NetworkTraining WithCheckpoint(string path) => this with { CheckpointPath = TrainingState.FileName(path) };

    /// <summary>Trains a copy of the network to the last epoch.</summary>
    /// <param name="train">Training pictures.</param>
    /// <param name="validation">Pictures that the learning curve is drawn on, or <see langword="null"/>; nothing is selected by them.</param>
    /// <param name="seed">Decides data order and augmentation.</param>
    /// <param name="progress">Hears of each batch.</param>
    /// <param name="cancellation">Stops between batches; the checkpoint of the last epoch stays.</param>
    /// <exception cref="DivergedException">The loss or a weight grew beyond all bounds or became not a number.</exception>
    /// <exception cref="ArgumentException">The pictures have more classes than the network.</exception>
    /// <exception cref="InvalidOperationException">The network is quantized, or the checkpoint is that of another run.</exception>
    /// <exception cref="InvalidDataException">The checkpoint is damaged.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public TrainingReport Run(
        IImageSource train, IImageSource? validation, long seed, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(train);
        NotebookEngine.ThrowIfInterrupted(cancellation);
        using var trained = new ModelInTraining(Start.Clone());
        return Trained(trained, train, validation, seed, progress, cancellation);
    }

    private TrainingReport Trained(
        ModelInTraining trained, IImageSource train, IImageSource? validation, long seed, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        var environment = TrainingEnvironment.OfThisThread();
        using var optimizer = Optimization.Create(trained.Model);
        var loop = new TrainingLoop(trained, Optimization, train, validation)
        {
            BatchSize = BatchSize,
            EpochPictures = EpochPictures,
            Augmentation = Augmentation,
            Precision = Precision,
            Seed = seed,
        };
        var fingerprint = FormattableString.Invariant(
            $"{Start.Architecture}, state {ModelFingerprint.Of(Start)}; {Epochs} epochs; batch {BatchSize}; {Optimization}; {Augmentation}{Precision.Words()}; seed {seed}; data {train.Hash}") +
            (EpochPictures is { } length ? FormattableString.Invariant($"; epoch of {length} pictures") : "");
        var journal = new TrainingJournal(CheckpointPath, fingerprint, progress);
        using var none = new BestState(); // nothing is selected: the last epoch counts
        if (journal.Resumes)
        {
            journal.Restore(trained.Model, none);
            journal.Restore(optimizer);
            journal.Announce(loop.StepsPerEpoch, Epochs);
        }

        while (journal.Epochs.Count < Epochs)
        {
            var done = journal.Epochs.Count;
            journal.Train(loop, optimizer, new EpochPlan(1, "training", done + 1, done, Epochs), Epochs, cancellation);
            journal.Save(trained.Model, optimizer, none);
        }

        return new TrainingReport(trained.HandOut(), journal.Epochs, fingerprint, seed) { Environment = environment };
    }
}
