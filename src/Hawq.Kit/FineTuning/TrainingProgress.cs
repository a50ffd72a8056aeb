namespace Hawq.Kit;

/// <summary>How far a training is.</summary>
/// <param name="Stage">Number of the stage, from 1.</param>
/// <param name="StageName">The block that the stage quantized, or what is trained.</param>
/// <param name="Step">Batches done, over all stages.</param>
/// <param name="Steps">Batches in all.</param>
/// <param name="Loss">Loss of the last batch.</param>
/// <param name="Last">The last finished epoch, if there is one.</param>
public readonly record struct TrainingProgress(int Stage, string StageName, long Step, long Steps, double Loss, EpochResult? Last);
