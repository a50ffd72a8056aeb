namespace Hawq.Kit;

/// <summary>What one pass over the training pictures did.</summary>
/// <param name="Stage">Number of the stage, from 1; 1 throughout in plain training.</param>
/// <param name="StageName">The block that the stage quantized, or what was trained.</param>
/// <param name="Epoch">Number of the epoch over all stages, from 1.</param>
/// <param name="LearningRate">Learning rate at the end of the epoch.</param>
/// <param name="TrainingLoss">Mean loss over the epoch's batches, while the weights moved.</param>
/// <param name="TrainingAccuracy">Per cent right over the epoch's batches, while the weights moved.</param>
/// <param name="ValidationAccuracy">Per cent right on the validation pictures after the epoch; <see cref="double.NaN"/> without any.</param>
/// <param name="Seconds">Wall time of the epoch with its validation, in seconds.</param>
public sealed record EpochResult(
    int Stage, string StageName, int Epoch, double LearningRate, double TrainingLoss, double TrainingAccuracy, double ValidationAccuracy, double Seconds);
