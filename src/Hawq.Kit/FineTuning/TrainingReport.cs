namespace Hawq.Kit;

/// <summary>A trained network with its learning curve. It owns the network.</summary>
/// <param name="Network">The trained network, in evaluation mode.</param>
/// <param name="Epochs">What each epoch did.</param>
/// <param name="Settings">All settings in words.</param>
/// <param name="Seed">Seed of data order and augmentation.</param>
public sealed record TrainingReport(Network Network, IReadOnlyList<EpochResult> Epochs, string Settings, long Seed)
{
    /// <summary>What it was trained on, the last part where a run was resumed; <see langword="null"/> if that is not known.</summary>
    public TrainingEnvironment? Environment { get; init; }
}
