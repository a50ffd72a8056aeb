namespace Hawq.Kit;

/// <summary>Sizes of a 2-D convolution.</summary>
/// <param name="In">Input channels.</param>
/// <param name="Out">Output channels.</param>
/// <param name="KernelHeight">Kernel height in pixels.</param>
/// <param name="KernelWidth">Kernel width in pixels.</param>
public sealed record ConvolutionShape(long In, long Out, long KernelHeight, long KernelWidth)
{
    /// <summary>A square kernel with "same" padding (K − 1) / 2.</summary>
    /// <param name="input">Input channels.</param>
    /// <param name="output">Output channels.</param>
    /// <param name="kernel">Kernel height and width in pixels.</param>
    /// <param name="stride">Step in pixels.</param>
    public static ConvolutionShape Square(long input, long output, long kernel, long stride = 1) =>
        new(input, output, kernel, kernel)
        {
            Stride = stride,
            PaddingHeight = (kernel - 1) / 2,
            PaddingWidth = (kernel - 1) / 2,
        };

    /// <summary>Step in both directions, in pixels; 1 unless said.</summary>
    public long Stride { get; init; } = 1;

    /// <summary>Zero rows added above and below.</summary>
    public long PaddingHeight { get; init; }

    /// <summary>Zero columns added left and right.</summary>
    public long PaddingWidth { get; init; }

    /// <summary>Groups of channels that are convolved apart; 1 unless said.</summary>
    public long Groups { get; init; } = 1;

    /// <summary>Whether a bias is added; not by default, since batch norm follows.</summary>
    public bool Bias { get; init; }

    internal long[] WeightSizes => [Out, In / Groups, KernelHeight, KernelWidth];

    /// <summary>Whether each output pixel is a matrix times one input pixel.</summary>
    internal bool IsPointwise => this is { KernelHeight: 1, KernelWidth: 1, PaddingHeight: 0, PaddingWidth: 0, Groups: 1 };

    internal void Validate()
    {
        long[] sizes = [In, Out, KernelHeight, KernelWidth, Stride, Groups];
        if (sizes.Any(size => size < 1) || PaddingHeight < 0 || PaddingWidth < 0 || In % Groups != 0 || Out % Groups != 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(ConvolutionShape), ToString(), "Sizes must be at least 1, padding at least 0, and both channel counts divisible by Groups.");
        }
    }
}
