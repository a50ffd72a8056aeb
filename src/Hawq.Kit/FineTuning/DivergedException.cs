namespace Hawq.Kit;

/// <summary>The loss became infinite or not a number: the learning rate is too high, or the data are damaged.</summary>
public sealed class DivergedException : InvalidOperationException
{
    internal DivergedException(string message, IReadOnlyList<EpochResult> epochs, Network lastGood)
        : base(message) => (Epochs, LastGood) = (epochs, lastGood);

    /// <summary>The epochs that had ended well; <see cref="LastGood"/> is in the state after the last of them.</summary>
    public IReadOnlyList<EpochResult> Epochs { get; }

    /// <summary>The network after the last epoch that ended well, with the quantizers it had then, in evaluation mode. The catcher owns it.</summary>
    public Network LastGood { get; }
}
