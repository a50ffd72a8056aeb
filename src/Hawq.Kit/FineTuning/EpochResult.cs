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

/// <summary>How far a training is.</summary>
/// <param name="Stage">Number of the stage, from 1.</param>
/// <param name="StageName">The block that the stage quantized, or what is trained.</param>
/// <param name="Step">Batches done, over all stages.</param>
/// <param name="Steps">Batches in all.</param>
/// <param name="Loss">Loss of the last batch.</param>
/// <param name="Last">The last finished epoch, if there is one.</param>
public readonly record struct TrainingProgress(int Stage, string StageName, long Step, long Steps, double Loss, EpochResult? Last);

/// <summary>The loss became infinite or not a number: the learning rate is too high, or the data are damaged.</summary>
public sealed class DivergedException : InvalidOperationException
{
    internal DivergedException(string message, IReadOnlyList<EpochResult> epochs)
        : base(message) => Epochs = epochs;

    /// <summary>The epochs that had ended well; the network was put back to the state after the last of them.</summary>
    public IReadOnlyList<EpochResult> Epochs { get; }
}
