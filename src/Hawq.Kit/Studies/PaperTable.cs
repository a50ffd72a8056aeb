namespace Hawq.Kit;

/// <summary>A row of a table of the paper.</summary>
/// <param name="Method">The method.</param>
/// <param name="WeightBits">Bits of the weights as printed; "2MP" is a mixture whose lowest is 2.</param>
/// <param name="ActivationBits">Bits of the activations as printed.</param>
/// <param name="Top1">Top-1 accuracy in per cent.</param>
/// <param name="WeightCompression">"W-Comp" as printed.</param>
/// <param name="Mebibytes">Size as printed; the paper writes MB and means 2²⁰ bytes. <see langword="null"/> where it prints none.</param>
/// <param name="IsConfirmed">Whether its accuracy was seen in a public source; else it is recalled. Other columns of such a row may be recalled or follow from its bits.</param>
public sealed record PaperRow(
    string Method, string WeightBits, string ActivationBits, double Top1, double WeightCompression, double? Mebibytes, bool IsConfirmed)
{
    /// <summary>Average bits of a conv or linear weight, where the row's bits are known or can be inferred; else <see langword="null"/>.</summary>
    public double? AverageBits { get; init; }

    /// <summary>32 ÷ average bits, to compare with what is printed; <see langword="null"/> where the bits are unknown.</summary>
    public double? ComputedCompression => 32 / AverageBits;
}

/// <summary>
/// A table of HAWQ (Dong et al. 2019), for ImageNet with HAWQ-V2's row (Dong et al. 2020): its figures as public sources quote
/// them, or recalled; the paper itself was not read. Its bits of single blocks are unknown to us for the networks of ImageNet.
/// </summary>
/// <param name="Network">The network.</param>
/// <param name="Data">The set of pictures.</param>
/// <param name="BaselineMebibytes">
/// Size of the float checkpoint as printed; sizes of the rows are this ÷ W-Comp. <see langword="null"/> where no sizes are printed.
/// </param>
/// <param name="Rows">The rows, baseline first.</param>
public sealed record PaperTable(string Network, string Data, double? BaselineMebibytes, IReadOnlyList<PaperRow> Rows)
{
    private const long HawqBits = (8 * 432) + (4608 * (6 + 6 + 8)) + (3 * (13_824 + 18_432 + 18_432)) + (2 * (55_296 + 73_728 + 73_728)) + (3 * 640); // of ResNet20
    private const double StemShare = 171_872.0 / 23_799_136; // of Inception-V3's weights
    private const double EndsShare = (18_816.0 + 256_000) / 2_548_096; // first and last layer of SqueezeNext

    /// <summary>Table 1: ResNet20, option A.</summary>
    /// <remarks>
    /// HAWQ's bits are 8, 6, 6, 8, 3, 3, 3, 2, 2, 2, 3 in the first convolution, the nine units and the linear layer, 13.11×. The other
    /// methods leave the first and the last layer float, which their W-Comp does not count. DNAS (Wu et al. 2018) finds bits by gradients.
    /// LQ-Nets' three confirmed rows are those of its own paper (Zhang et al. 2018).
    /// </remarks>
    public static PaperTable ResNet20 { get; } = new("ResNet20", "CIFAR-10", null,
    [
        new("Baseline", "32", "32", 92.37, 1, null, false) { AverageBits = 32 },
        new("DoReFa", "2", "2", 88.20, 16, null, false) { AverageBits = 2 },
        new("DoReFa", "3", "3", 89.90, 10.67, null, false) { AverageBits = 3 },
        new("PACT", "2", "2", 89.70, 16, null, false) { AverageBits = 2 },
        new("PACT", "3", "3", 91.10, 10.67, null, false) { AverageBits = 3 },
        new("LQ-Nets", "2", "2", 90.20, 16, null, true) { AverageBits = 2 },
        new("LQ-Nets", "3", "3", 91.60, 10.67, null, true) { AverageBits = 3 },
        new("LQ-Nets", "2", "32", 91.80, 16, null, true) { AverageBits = 2 },
        new("LQ-Nets", "3", "32", 92.00, 10.67, null, false) { AverageBits = 3 },
        new("DNAS", "1MP", "32", 92.00, 16.60, null, false),
        new("DNAS", "1MP", "32", 92.72, 11.60, null, false),
        new("HAWQ", "2MP", "4", 92.22, 13.11, null, false) { AverageBits = HawqBits / 268_336.0 },
    ]);

    /// <summary>Table 2: Inception-V3.</summary>
    /// <remarks>"Direct" is 4 bits in the five stem convolutions and 2 elsewhere: inferred, it comes to 15.885×.</remarks>
    public static PaperTable InceptionV3 { get; } = new("Inception-V3", "ImageNet", 91.2,
    [
        new("Baseline", "32", "32", 77.45, 1, 91.2, true) { AverageBits = 32 },
        new("Integer-Only", "8", "8", 75.40, 4, 22.8, false) { AverageBits = 8 },
        new("Integer-Only", "7", "7", 75.00, 4.57, 20.0, false) { AverageBits = 7 },
        new("RVQuant", "3MP", "3MP", 74.14, 10.67, 8.55, false) { AverageBits = 3 },
        new("Direct", "2MP", "4MP", 69.76, 15.88, 5.74, false) { AverageBits = 2 + (2 * StemShare) },
        new("HAWQ", "2MP", "4MP", 75.52, 12.04, 7.57, true),
        new("HAWQ-V2", "2MP", "4MP", 75.98, 12.04, 7.57, true),
    ]);

    /// <summary>Table 3: ResNet50.</summary>
    /// <remarks>The rows of HAQ and Deep Compression are relative to 97.49 MB, torchvision's ResNet50 without batch norm's statistics. Of LQ-Nets the accuracy alone is confirmed, of HAQ accuracy and W-Comp.</remarks>
    public static PaperTable ResNet50 { get; } = new("ResNet50", "ImageNet", 97.8,
    [
        new("Baseline", "32", "32", 77.39, 1, 97.8, true) { AverageBits = 32 },
        new("DoReFa", "2", "2", 67.10, 16, 6.11, false) { AverageBits = 2 },
        new("DoReFa", "3", "3", 69.90, 10.67, 9.17, false) { AverageBits = 3 },
        new("PACT", "2", "2", 72.20, 16, 6.11, false) { AverageBits = 2 },
        new("PACT", "3", "3", 75.30, 10.67, 9.17, false) { AverageBits = 3 },
        new("LQ-Nets", "3", "3", 74.20, 10.67, 9.17, true) { AverageBits = 3 },
        new("Deep Compression", "3", "MP (32)", 75.10, 10.41, 9.36, false),
        new("HAQ", "MP", "MP (32)", 75.30, 10.57, 9.22, true),
        new("HAWQ", "2MP", "4MP", 75.48, 12.28, 7.96, false),
        new("HAWQ-V2", "2MP", "4MP", 75.92, 12.24, 7.99, true),
    ]);

    /// <summary>Table 4: SqueezeNext, 2.0-SqNxt-23.</summary>
    /// <remarks>"Direct" is 8 bits in the first and the last layer and 3 elsewhere: inferred, it comes to 9.041×.</remarks>
    public static PaperTable SqueezeNext { get; } = new("SqueezeNext", "ImageNet", 10.1,
    [
        new("Baseline", "32", "32", 69.38, 1, 10.1, true) { AverageBits = 32 },
        new("Uniform", "8", "8", 69.34, 4, 2.53, false) { AverageBits = 8 },
        new("Direct", "3MP", "8", 65.39, 9.04, 1.12, false) { AverageBits = 3 + (5 * EndsShare) },
        new("HAWQ", "3MP", "8", 68.02, 9.26, 1.09, false),
        new("HAWQ-V2", "3MP", "8", 68.68, 9.40, 1.07, true),
    ]);

    /// <summary>Size of a row that follows from its compression: the baseline ÷ W-Comp.</summary>
    /// <param name="row">A row of this table.</param>
    /// <value>Units of 2²⁰ bytes; not a number where the paper prints no sizes.</value>
    public double ComputedMebibytes(PaperRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return (BaselineMebibytes ?? double.NaN) / (row.ComputedCompression ?? row.WeightCompression);
    }
}
