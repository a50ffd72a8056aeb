namespace Hawq.Kit;

/// <summary>Per-channel scaling of pixels: (pixel / 255 − mean) / deviation, for red, green, blue.</summary>
public sealed record Normalization
{
    private Normalization(IReadOnlyList<float> mean, IReadOnlyList<float> deviation) => (Mean, Deviation) = (mean, deviation);

    /// <summary>The usual ImageNet constants, which the public CIFAR ResNet checkpoints were trained with.</summary>
    public static Normalization ImageNet { get; } = new([0.485f, 0.456f, 0.406f], [0.229f, 0.224f, 0.225f]);

    /// <summary>Three means, in units of pixel / 255.</summary>
    public IReadOnlyList<float> Mean { get; }

    /// <summary>Three standard deviations, in units of pixel / 255.</summary>
    public IReadOnlyList<float> Deviation { get; }

    /// <summary>The normalised value of each of the 256 byte values, for each channel.</summary>
    internal float[][] Tables() =>
        [.. Enumerable.Range(0, 3).Select(c => Enumerable.Range(0, 256).Select(p => ((p / 255f) - Mean[c]) / Deviation[c]).ToArray())];
}
