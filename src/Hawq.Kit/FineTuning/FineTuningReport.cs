namespace Hawq.Kit;

/// <summary>A stage of block-wise fine-tuning: what it quantized and what that did.</summary>
/// <param name="Number">Number of the stage, from 1.</param>
/// <param name="Name">Names of the blocks that it quantized; "all blocks" where all are quantized at once, "closing" for the last epochs together.</param>
/// <param name="Perturbation">Largest Ω of the blocks that it quantized.</param>
/// <param name="Epochs">Number of its epochs.</param>
/// <param name="Blocks">Blocks that lie on their grid after it.</param>
public sealed record FineTuningStage(int Number, string Name, double Perturbation, int Epochs, int Blocks)
{
    internal static List<FineTuningStage> Of(IReadOnlyList<StagePlan> plans) => [.. plans.Select((plan, k) => new FineTuningStage(
        k + 1, plan.Name, plan.Perturbation, plan.Epochs, plans.Take(k + 1).Sum(before => before.Blocks.Count)))];
}

/// <summary>Result of block-wise fine-tuning. It owns the quantized network.</summary>
/// <param name="Network">
/// The quantized network in evaluation mode, in the state after its best epoch on the validation pictures: the best from the stage on that
/// quantizes the last block, the later one of equals.
/// </param>
/// <param name="Stages">The stages in the order in which they ran.</param>
/// <param name="Epochs">The learning curve over all stages.</param>
/// <param name="Before">Accuracy on the validation pictures with all blocks quantized, before any fine-tuning.</param>
/// <param name="After">The same after fine-tuning.</param>
/// <param name="Settings">All settings in words.</param>
/// <param name="Seed">Seed of data order and augmentation.</param>
public sealed record FineTuningReport(
    Network Network,
    IReadOnlyList<FineTuningStage> Stages,
    IReadOnlyList<EpochResult> Epochs,
    Accuracy Before,
    Accuracy After,
    string Settings,
    long Seed)
{
    /// <summary>Bits of each weight layer in network order, with what differs from the scheme; empty if they are not known.</summary>
    public IReadOnlyList<LayerQuantization> Layers { get; init; } = [];

    /// <summary>What it was trained on, the last part where a run was resumed; <see langword="null"/> if that is not known.</summary>
    public TrainingEnvironment? Environment { get; init; }

    /// <summary>Wall time of all epochs with their validation, in seconds.</summary>
    public double Seconds => Epochs.Sum(epoch => epoch.Seconds);
}
