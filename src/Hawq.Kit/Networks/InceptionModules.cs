namespace Hawq.Kit;

/// <summary>The five kinds of Mixed modules of torchvision's Inception-V3, with its names; <c>dbl</c> is its word for a doubled kernel.</summary>
internal static class InceptionModules
{
    /// <summary>5b, 5c, 5d: 1×1, 5×5, two 3×3, pooling; 224 + <paramref name="pool"/> channels.</summary>
    public static InceptionBranch[] A(long input, long pool) =>
    [
        new(InceptionPooling.None, ("branch1x1", Point(input, 64))),
        new(InceptionPooling.None, ("branch5x5_1", Point(input, 48)), ("branch5x5_2", ConvolutionShape.Square(48, 64, 5))),
        new(InceptionPooling.None,
            ("branch3x3dbl_1", Point(input, 64)),
            ("branch3x3dbl_2", ConvolutionShape.Square(64, 96, 3)),
            ("branch3x3dbl_3", ConvolutionShape.Square(96, 96, 3))),
        new(InceptionPooling.Mean, ("branch_pool", Point(input, pool))),
    ];

    /// <summary>6a: halves the picture; 480 channels more than before.</summary>
    public static InceptionBranch[] B(long input) =>
    [
        new(InceptionPooling.None, ("branch3x3", Unpadded(input, 384, 2))),
        new(InceptionPooling.None,
            ("branch3x3dbl_1", Point(input, 64)),
            ("branch3x3dbl_2", ConvolutionShape.Square(64, 96, 3)),
            ("branch3x3dbl_3", Unpadded(96, 96, 2))),
        new(InceptionPooling.Halving),
    ];

    /// <summary>6b to 6e: 7×7 kernels split in 1×7 and 7×1, <paramref name="inner"/> channels inside; 768 channels.</summary>
    public static InceptionBranch[] C(long input, long inner) =>
    [
        new(InceptionPooling.None, ("branch1x1", Point(input, 192))),
        new(InceptionPooling.None,
            ("branch7x7_1", Point(input, inner)), ("branch7x7_2", Row(inner, inner, 7)), ("branch7x7_3", Column(inner, 192, 7))),
        new(InceptionPooling.None,
            ("branch7x7dbl_1", Point(input, inner)),
            ("branch7x7dbl_2", Column(inner, inner, 7)),
            ("branch7x7dbl_3", Row(inner, inner, 7)),
            ("branch7x7dbl_4", Column(inner, inner, 7)),
            ("branch7x7dbl_5", Row(inner, 192, 7))),
        new(InceptionPooling.Mean, ("branch_pool", Point(input, 192))),
    ];

    /// <summary>7a: halves the picture; 512 channels more than before.</summary>
    public static InceptionBranch[] D(long input) =>
    [
        new(InceptionPooling.None, ("branch3x3_1", Point(input, 192)), ("branch3x3_2", Unpadded(192, 320, 2))),
        new(InceptionPooling.None,
            ("branch7x7x3_1", Point(input, 192)),
            ("branch7x7x3_2", Row(192, 192, 7)),
            ("branch7x7x3_3", Column(192, 192, 7)),
            ("branch7x7x3_4", Unpadded(192, 192, 2))),
        new(InceptionPooling.Halving),
    ];

    /// <summary>7b, 7c: forks in 1×3 and 3×1; 2048 channels.</summary>
    public static InceptionBranch[] E(long input) =>
    [
        new(InceptionPooling.None, ("branch1x1", Point(input, 320))),
        new(InceptionPooling.None, ("branch3x3_1", Point(input, 384)))
        {
            Fork = [("branch3x3_2a", Row(384, 384, 3)), ("branch3x3_2b", Column(384, 384, 3))],
        },
        new(InceptionPooling.None, ("branch3x3dbl_1", Point(input, 448)), ("branch3x3dbl_2", ConvolutionShape.Square(448, 384, 3)))
        {
            Fork = [("branch3x3dbl_3a", Row(384, 384, 3)), ("branch3x3dbl_3b", Column(384, 384, 3))],
        },
        new(InceptionPooling.Mean, ("branch_pool", Point(input, 192))),
    ];

    /// <summary>3×3 without padding.</summary>
    public static ConvolutionShape Unpadded(long input, long output, long stride = 1) => new(input, output, 3, 3) { Stride = stride };

    /// <summary>1×1.</summary>
    public static ConvolutionShape Point(long input, long output) => ConvolutionShape.Square(input, output, 1);

    private static ConvolutionShape Row(long input, long output, long kernel) =>
        new(input, output, 1, kernel) { PaddingWidth = kernel / 2 };

    private static ConvolutionShape Column(long input, long output, long kernel) =>
        new(input, output, kernel, 1) { PaddingHeight = kernel / 2 };
}
