namespace Hawq.Kit;

/// <summary>The loss or a weight grew beyond all bounds or is not a number: the learning rate is too high, or the data are damaged.</summary>
public sealed class DivergedException : InvalidOperationException
{
    internal DivergedException(string message, IReadOnlyList<EpochResult> epochs, Network lastGood)
        : base(message) => (Epochs, LastGood) = (epochs, lastGood);

    /// <summary>The epochs that had ended well.</summary>
    public IReadOnlyList<EpochResult> Epochs { get; }

    /// <summary>
    /// The network as it was before the epoch that diverged, in evaluation mode. In the first epoch of a stage the blocks of that stage
    /// are quantized already, and not yet trained. The catcher owns it.
    /// </summary>
    public Network LastGood { get; }
}
