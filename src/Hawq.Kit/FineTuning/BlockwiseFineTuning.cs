namespace Hawq.Kit;

/// <summary>
/// Recipe for HAWQ's multi-stage quantization-aware fine-tuning: the blocks are quantized one after the other, and after each
/// the whole network is trained on. <c>Of … With… Run</c>; immutable, each <c>With…</c> returns a copy.
/// </summary>
/// <remarks>
/// Earlier blocks stay quantized and trainable, as the authors describe their practice; the paper does not say whether they
/// froze them, how long a stage was, or which optimizer they used, so these are settings (paper.md names them unknown).
/// </remarks>
public sealed record BlockwiseFineTuning
{
    private BlockwiseFineTuning()
    {
    }

    internal Network Float { get; private init; } = null!;

    internal IReadOnlyList<(BlockPrecision Precision, double Perturbation)> Blocks { get; private init; } = [];

    internal BlockOrder Order { get; private init; } = BlockOrder.MostSensitiveFirst;

    internal QuantizationScheme Scheme { get; private init; } = QuantizationScheme.AsymmetricPerTensor;

    internal Optimization Optimization { get; private init; } = Optimization.Sgd(0.01) with { Schedule = LearningRateSchedule.Constant };

    internal Optimization ClosingOptimization { get; private init; } = Optimization.Sgd(0.01);

    internal int EpochsPerStage { get; private init; } = 1;

    internal int ClosingEpochs { get; private init; }

    internal int? EpochPictures { get; private init; }

    internal int BatchSize { get; private init; } = 128;

    internal Distillation? Distillation { get; private init; }

    internal TrainingPrecision Precision { get; private init; }

    internal bool FreezesFinished { get; private init; }

    internal string? CheckpointPath { get; private init; }

    /// <summary>Starts from a trained float network and the bit widths of its blocks.</summary>
    /// <param name="network">The float network; it is copied, never changed.</param>
    /// <param name="allocation">Weight bits of each block, with Ω.</param>
    /// <param name="activationBits">
    /// Bits of the layers' inputs; 4 in the paper's ResNet20, 32 leaves them float. Where a block's weights stay float, so do its
    /// inputs: DoReFa, PACT and LQ-Nets leave the first and the last layer out in this way.
    /// </param>
    public static BlockwiseFineTuning Of(Network network, BitAllocation allocation, BitWidth activationBits)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(allocation);
        return new BlockwiseFineTuning
        {
            Float = network,
            Scheme = allocation.Scheme,
            Blocks = [.. allocation.Blocks.Select(b => (new BlockPrecision(b.Block, b.Bits, b.Bits.IsFloat ? BitWidth.Float : activationBits), b.Perturbation))],
        };
    }

    /// <summary>Starts from a trained float network and the bit widths of its blocks' weights and activations ("4MP" in the paper).</summary>
    /// <param name="network">The float network; it is copied, never changed.</param>
    /// <param name="allocation">Weight bits of each block, with Ω.</param>
    /// <param name="activations">Bits of the inputs of each block's layers, for blocks of the same names, as from <see cref="ActivationVerbs"/>.</param>
    /// <exception cref="ArgumentException">The two are not of the same blocks.</exception>
    public static BlockwiseFineTuning Of(Network network, BitAllocation allocation, BitAllocation activations)
    {
        ArgumentNullException.ThrowIfNull(allocation);
        ArgumentNullException.ThrowIfNull(activations);
        var bits = activations.Blocks.ToDictionary(block => block.Block.Name, block => block.Bits);
        if (bits.Count != allocation.Blocks.Count || allocation.Blocks.FirstOrDefault(block => !bits.ContainsKey(block.Block.Name)) is not null)
        {
            throw new ArgumentException(
                $"Received activation bits of {string.Join(", ", bits.Keys)}; expected the {allocation.Blocks.Count} blocks of the weights, " +
                $"{string.Join(", ", allocation.Blocks.Select(block => block.Block.Name))}. Partition both analyses in the same way.", nameof(activations));
        }

        var recipe = Of(network, allocation, BitWidth.Float);
        return recipe with { Blocks = [.. recipe.Blocks.Select(b => (b.Precision with { ActivationBits = bits[b.Precision.Block.Name] }, b.Perturbation))] };
    }

    /// <summary>In which order the blocks are quantized; largest Ω first unless said.</summary>
    /// <param name="order">The order.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such order.</exception>
    public BlockwiseFineTuning OrderedBy(BlockOrder order) => Enum.IsDefined(order)
        ? this with { Order = order }
        : throw new ArgumentOutOfRangeException(nameof(order), order, $"Expected {string.Join(", ", Enum.GetNames<BlockOrder>())}.");

    /// <summary>How weights and inputs are quantized; the allocation's scheme unless said.</summary>
    /// <param name="scheme">The scheme.</param>
    public BlockwiseFineTuning With(QuantizationScheme scheme) => this with { Scheme = scheme ?? throw new ArgumentNullException(nameof(scheme)) };

    /// <summary>How long each stage is, and how long all blocks are trained together at the end.</summary>
    /// <param name="perStage">Epochs after each block's quantization, at least 1.</param>
    /// <param name="closing">Epochs after the last stage, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is less.</exception>
    public BlockwiseFineTuning WithEpochs(int perStage, int closing = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(perStage, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(closing);
        return this with { EpochsPerStage = perStage, ClosingEpochs = closing };
    }

    /// <summary>Makes an epoch shorter: each takes another random choice of the training pictures.</summary>
    /// <param name="pictures">Pictures in an epoch; at least 2.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 2.</exception>
    public BlockwiseFineTuning WithEpochLength(int pictures)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pictures, 2);
        return this with { EpochPictures = pictures };
    }

    /// <summary>The optimizer of the stages and of the closing epochs; each stage starts a new one, with no momentum yet.</summary>
    /// <param name="stages">SGD at a constant 0.01 unless said.</param>
    /// <param name="closing">As in the stages unless given; without this call SGD from 0.01 along a cosine.</param>
    public BlockwiseFineTuning With(Optimization stages, Optimization? closing = null) =>
        this with { Optimization = stages ?? throw new ArgumentNullException(nameof(stages)), ClosingOptimization = closing ?? stages };

    /// <summary>Pictures in a batch; 128 unless said.</summary>
    /// <param name="size">At least 2.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is below 2.</exception>
    public BlockwiseFineTuning WithBatchSize(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 2);
        return this with { BatchSize = size };
    }

    /// <summary>Lets the quantized network learn from the float one beside the labels (Hinton et al. 2015).</summary>
    /// <remarks>
    /// Loss = (1 − α) · CE(student, labels) + α · T² · KL(softmax(teacher / T) ‖ softmax(student / T)), the divergence summed over
    /// classes and averaged over pictures. HAWQ-V1 does not mention distillation; V3 uses it.
    /// </remarks>
    /// <param name="weight">α, the share of the teacher, 0 to 1; 0.7 and T = 4 are the kit's choice, no paper's.</param>
    /// <param name="temperature">T, above 0.</param>
    /// <param name="memory">Where the teacher's outputs are kept for other fine-tunings of this network on the same batches; nowhere unless given.</param>
    /// <exception cref="ArgumentOutOfRangeException">α or T is outside its range.</exception>
    /// <exception cref="ArgumentException">The memory is of another network.</exception>
    public BlockwiseFineTuning WithDistillation(double weight = 0.7, double temperature = 4, TeacherMemory? memory = null) =>
        memory is null || memory.State == ModelFingerprint.Of(Float)
            ? this with { Distillation = Distillation.Of(weight, temperature, memory) }
            : throw new ArgumentException(
                $"The memory is of a teacher with state {memory.State}; expected one of the network that is fine-tuned, new TeacherMemory(network).", nameof(memory));

    /// <summary>The type of the activations while training; float32 unless said.</summary>
    /// <param name="precision">bfloat16 is faster where the CPU multiplies it; accuracy is still measured in float32.</param>
    public BlockwiseFineTuning With(TrainingPrecision precision) => this with { Precision = precision };

    /// <summary>Keeps the weights of finished blocks, and the learned steps and bases of their grids, as they are; by default they train on.</summary>
    public BlockwiseFineTuning FreezingFinishedBlocks() => this with { FreezesFinished = true };

    /// <summary>Saves the whole state after each epoch, and goes on from there, with as many threads bit-identically, if the file exists.</summary>
    /// <param name="path">A file of its own for this run; its folder is made if it is missing.</param>
    /// <exception cref="ArgumentException">The name is empty, or that of a folder.</exception>
    public BlockwiseFineTuning WithCheckpoint(string path) => this with { CheckpointPath = TrainingState.FileName(path) };

    /// <summary>Quantizes and fine-tunes a copy of the network.</summary>
    /// <param name="train">Training pictures; the activation ranges are calibrated on the first 1024 of them.</param>
    /// <param name="validation">Pictures by which the best epoch is chosen, from the stage on that quantizes the last block, the later one of equals. Not the test set.</param>
    /// <param name="seed">Decides data order and augmentation.</param>
    /// <param name="progress">Hears of each batch.</param>
    /// <param name="cancellation">Stops between batches; the checkpoint of the last epoch stays.</param>
    /// <exception cref="DivergedException">The loss or a weight grew beyond all bounds or became not a number.</exception>
    /// <exception cref="ArgumentException">A block takes no such bits, is not the network's, or the pictures have more classes than the network.</exception>
    /// <exception cref="InvalidOperationException">The network is quantized already, its activations are not finite, or the checkpoint is that of another run.</exception>
    /// <exception cref="InvalidDataException">The checkpoint is damaged.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public FineTuningReport Run(
        IImageSource train, IImageSource validation, long seed, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(validation);
        using var run = new FineTuningRun(this, train, validation, seed, progress);
        return run.Go(cancellation);
    }

    /// <summary>The stages to come, in their order.</summary>
    internal IReadOnlyList<StagePlan> Stages(long seed) => StagePlan.Of(Blocks, Order, EpochsPerStage, ClosingEpochs, seed);

    /// <summary>All settings in words; a checkpoint goes on, and a saved report counts, only under the same.</summary>
    internal string Describe(IImageSource train, IImageSource validation, long seed)
    {
        var bits = string.Join(", ", Blocks.Select(b => $"{b.Precision.Block.Name} {b.Precision.WeightBits}/{b.Precision.ActivationBits}"));
        var stages = string.Join(", ", Stages(seed).Select(stage => stage.Name)); // Ω decides nothing but their order
        return $"{Float.Architecture}, state {ModelFingerprint.Of(Float)}; bits {bits}; {Scheme}; {Order}: {stages}; {DescribeTraining(train)}; " +
            $"seed {seed}; data {train.Hash}, validation {validation.Hash}";
    }

    /// <summary>How long and how it is trained, in words.</summary>
    internal string DescribeTraining(IImageSource train)
    {
        var distillation = Distillation is { } d ? FormattableString.Invariant($"; distillation α {d.Weight}, T {d.Temperature}") : "";
        return $"stages of {EpochsPerStage} epochs: {Optimization}; closing {ClosingEpochs}: {ClosingOptimization}; batch {BatchSize}; " +
            $"epoch of {EpochPictures ?? train.Count} pictures{distillation}{Precision.Words()}; {(FreezesFinished ? "finished blocks frozen" : "all trainable")}";
    }
}
