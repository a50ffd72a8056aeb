namespace Hawq.Kit;

/// <summary>Where an epoch stands in its stage.</summary>
/// <param name="Stage">Number of the stage, from 1.</param>
/// <param name="StageName">Its name.</param>
/// <param name="Epoch">Number of the epoch over all stages, from 1.</param>
/// <param name="InStage">Number of the epoch in its stage, from 0.</param>
/// <param name="StageEpochs">Epochs of the stage.</param>
internal readonly record struct EpochPlan(int Stage, string StageName, int Epoch, int InStage, int StageEpochs)
{
    /// <summary>Whether the stage began with a quantization.</summary>
    public bool Quantizes { get; init; }

    /// <summary>Progress through the stage, 0 … 1, when <paramref name="fraction"/> of the epoch is done.</summary>
    public double Progress(double fraction) => (InStage + fraction) / StageEpochs;
}
