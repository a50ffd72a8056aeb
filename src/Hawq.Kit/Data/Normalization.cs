namespace Hawq.Kit;

/// <summary>Per-channel scaling of pixels: (pixel / 255 − mean) / deviation, for red, green, blue.</summary>
/// <param name="Mean">Three means, in units of pixel / 255.</param>
/// <param name="Deviation">Three standard deviations, in units of pixel / 255.</param>
public sealed record Normalization(IReadOnlyList<float> Mean, IReadOnlyList<float> Deviation)
{
    /// <summary>The usual ImageNet constants, which the public CIFAR ResNet checkpoints were trained with.</summary>
    public static Normalization ImageNet { get; } = new([0.485f, 0.456f, 0.406f], [0.229f, 0.224f, 0.225f]);

    /// <summary>The normalised value of each of the 256 byte values, for each channel.</summary>
    internal float[][] Tables() =>
        [.. Enumerable.Range(0, 3).Select(c => Enumerable.Range(0, 256).Select(p => ((p / 255f) - Mean[c]) / Deviation[c]).ToArray())];
}
