namespace Hawq.Kit;

/// <summary>Sizes and wiring of one unit of SqueezeNext.</summary>
/// <param name="Input">Channels that come in.</param>
/// <param name="Output">Channels that go out.</param>
/// <param name="Stride">1 or 2.</param>
/// <param name="Wide">Channels behind the first convolution, and between the split kernels.</param>
/// <param name="Projects">Whether the shortcut is a 1×1 convolution.</param>
/// <remarks>The second convolution has half of <paramref name="Wide"/>.</remarks>
internal sealed record SqueezeNextUnitPlan(long Input, long Output, long Stride, long Wide, bool Projects)
{
    /// <summary>Whether convolutions have a bias.</summary>
    public bool HasBias { get; init; } = true;

    /// <summary>Whether the 3×1 kernel comes before the 1×3.</summary>
    public bool IsColumnFirst { get; init; }

    /// <summary>Whether the main path takes the projection's output in place of the unit's input.</summary>
    public bool FeedsFromProjection { get; init; }

    /// <summary>Groups of the first 1×1 convolution and of the split kernels.</summary>
    public long Groups { get; init; } = 1;

    /// <summary>The projection, if there is one.</summary>
    public ConvolutionShape Projection => ConvolutionShape.Square(Input, Output, 1, Stride) with { Bias = HasBias };

    /// <summary>The five convolutions of the main path.</summary>
    public IReadOnlyList<ConvolutionShape> Main
    {
        get
        {
            var (entry, stride) = FeedsFromProjection ? (Output, 1) : (Input, Stride);
            var (narrow, height, width) = (Wide / 2, IsColumnFirst ? 3 : 1, IsColumnFirst ? 1 : 3);
            ConvolutionShape[] shapes =
            [
                ConvolutionShape.Square(entry, Wide, 1, stride) with { Groups = Groups },
                ConvolutionShape.Square(Wide, narrow, 1),
                new(narrow, Wide, height, width) { PaddingHeight = height / 2, PaddingWidth = width / 2, Groups = Groups },
                new(Wide, Wide, width, height) { PaddingHeight = width / 2, PaddingWidth = height / 2, Groups = Groups },
                ConvolutionShape.Square(Wide, Output, 1),
            ];
            return [.. shapes.Select(shape => shape with { Bias = HasBias })];
        }
    }

    /// <summary>pytorchcv's: a reduction of 1 where the picture is halved, of 4 where channels become fewer, else of 2 without projection.</summary>
    public static SqueezeNextUnitPlan Pytorchcv(long input, long output, long stride)
    {
        var projects = stride != 1 || input > output;
        var reduction = stride != 1 ? 1 : projects ? 4 : 2;
        return new SqueezeNextUnitPlan(input, output, stride, input / reduction, projects);
    }

    /// <summary>The Caffe prototxt's.</summary>
    /// <param name="input">Channels that come in.</param>
    /// <param name="output">Channels that go out.</param>
    /// <param name="stride">1 or 2.</param>
    /// <param name="isFirst">Whether it is the first of its stage.</param>
    /// <param name="number">Of all units before it; even ones have the 3×1 kernel first.</param>
    /// <param name="version">In 23v5 the main path begins behind the projection.</param>
    /// <param name="groups">1, or 2 in the network with groups.</param>
    public static SqueezeNextUnitPlan Caffe(
        long input, long output, long stride, bool isFirst, int number, SqueezeNextVersion version, long groups) =>
        new(input, output, stride, output / 2, isFirst)
        {
            HasBias = false,
            IsColumnFirst = number % 2 == 0,
            FeedsFromProjection = isFirst && version == SqueezeNextVersion.V23v5,
            Groups = groups,
        };
}
