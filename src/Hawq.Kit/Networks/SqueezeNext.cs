using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>
/// SqueezeNext-23 for ImageNet: stem, 21 units in four stages, a 1×1 convolution, global mean, linear layer (Gholami et al.
/// 2018; definition and names of pytorchcv). Width 2 is the network of HAWQ's Table 4, in 24 blocks.
/// </summary>
/// <remarks>
/// Stages have 32, 64, 128, 256 channels times the width. Parameters with 1000 classes, for width 1, 1.5, 2: 724,056, 1,511,824,
/// 2,583,752 (V23); 921,816, 1,953,616, 3,366,344 (V23v5). In the Caffe layout, for width 1 and 2: 717,280, 2,361,728 (V23);
/// 930,016, 3,222,912 (V23v5); 543,072 with groups (V23, width 1). Input (N, 3, H, W), 224 in the paper; output logits (N, classes).
/// </remarks>
public sealed class SqueezeNext : Network
{
    internal const double Epsilon = 1e-5;
    private static readonly double[] Widths = [1, 1.5, 2];

    private readonly Func<SqueezeNext> _another;
    private readonly Sequential _features;
    private readonly LinearLayer _output;

    /// <summary>Makes a network with weights drawn from a seed.</summary>
    /// <param name="version">How units are spread over the stages; V23 unless said, HAWQ's.</param>
    /// <param name="width">Multiplier of the stages' channels: 1, 1.5 or 2; 2 unless said, HAWQ's.</param>
    /// <param name="classes">Number of classes, 1000 for ImageNet.</param>
    /// <param name="smallPictures">
    /// Whether the stem is a 3×3 convolution of stride 1 without pooling, for pictures of 32 pixels. Such a network takes no public
    /// checkpoint.
    /// </param>
    /// <param name="layout">Which definition; pytorchcv's unless said, HAWQ's. Public checkpoints are of that alone.</param>
    /// <param name="seed">Seed of the initial weights (Kaiming normal).</param>
    /// <exception cref="ArgumentOutOfRangeException">Another width, an unknown version or layout, or fewer than 2 classes.</exception>
    public SqueezeNext(
        SqueezeNextVersion version = SqueezeNextVersion.V23,
        double width = 2,
        int classes = 1000,
        bool smallPictures = false,
        SqueezeNextLayout layout = SqueezeNextLayout.Pytorchcv,
        long seed = 0)
        : base(Describe(version, width, smallPictures, layout))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        _another = () => new SqueezeNext(version, width, classes, smallPictures, layout);
        using var generator = new Generator((ulong)seed);
        var isCaffe = layout != SqueezeNextLayout.Pytorchcv;
        var (stem, last) = isCaffe ? (64L, 128L) : ((long)(64 * width), (long)(128 * width));
        List<(string, nn.Module<Tensor, Tensor>)> parts =
            [("init_block", new SqueezeNextStem(Stem(stem, version, smallPictures, isCaffe), !smallPictures, generator))];
        var units = Plans(stem, version, width, layout).Select(plan => new SqueezeNextUnit(plan, generator)).ToList();
        foreach (var (depth, k) in Depths(version).Select((depth, k) => (depth, k)))
        {
            parts.Add(($"stage{k + 1}", nn.Sequential(units.Take(depth).Select((unit, u) => ($"unit{u + 1}", (nn.Module<Tensor, Tensor>)unit)))));
            units.RemoveRange(0, depth);
        }

        parts.Add(("final_block", new NormalizedConvolution(
            ConvolutionShape.Square((long)(256 * width), last, 1) with { Bias = !isCaffe }, Epsilon, generator)));
        _features = nn.Sequential(parts);
        _output = new LinearLayer(last, classes, generator, bias: !isCaffe);
        register_module("features", _features);
        register_module("output", _output);
    }

    /// <inheritdoc/>
    public override Network NewInstance() => _another();

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var features = _features.call(input).mean([2, 3]);                                  // (N, channels of the last convolution)
        return _output.call(features).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override string Describe(INetworkGraph graph, string input)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return graph.Layer(_output, graph.PixelMean(_features.Describe(graph, input)));
    }

    private static ConvolutionShape Stem(long channels, SqueezeNextVersion version, bool smallPictures, bool isCaffe)
    {
        var kernel = isCaffe && version == SqueezeNextVersion.V23v5 ? 5 : 7;
        var padding = isCaffe ? 0 : 1;
        var shape = smallPictures
            ? ConvolutionShape.Square(3, channels, 3)
            : new ConvolutionShape(3, channels, kernel, kernel) { Stride = 2, PaddingHeight = padding, PaddingWidth = padding };
        return shape with { Bias = !isCaffe };
    }

    /// <summary>All units, in network order.</summary>
    private static IEnumerable<SqueezeNextUnitPlan> Plans(long stem, SqueezeNextVersion version, double width, SqueezeNextLayout layout)
    {
        var (before, number) = (stem, 0);
        foreach (var (depth, stage) in Depths(version).Select((depth, k) => (depth, k)))
        {
            for (var k = 0; k < depth; k++, number++)
            {
                var (output, stride) = ((long)((32 << stage) * width), k == 0 && stage > 0 ? 2 : 1);
                yield return layout == SqueezeNextLayout.Pytorchcv
                    ? SqueezeNextUnitPlan.Pytorchcv(before, output, stride)
                    : SqueezeNextUnitPlan.Caffe(before, output, stride, k == 0, number, version, layout == SqueezeNextLayout.CaffeGrouped ? 2 : 1);
                before = output;
            }
        }
    }

    private static int[] Depths(SqueezeNextVersion version) => version == SqueezeNextVersion.V23v5 ? [2, 4, 14, 1] : [6, 6, 8, 1];

    private static string Describe(SqueezeNextVersion version, double width, bool smallPictures, SqueezeNextLayout layout)
    {
        if (!Widths.Contains(width))
        {
            throw new ArgumentOutOfRangeException(nameof(width), width, "SqueezeNext is defined for width 1, 1.5 and 2.");
        }

        if (!Enum.IsDefined(version))
        {
            throw new ArgumentOutOfRangeException(nameof(version), version, "Expected V23 or V23v5.");
        }

        if (!Enum.IsDefined(layout))
        {
            throw new ArgumentOutOfRangeException(nameof(layout), layout, "Expected Pytorchcv, Caffe or CaffeGrouped.");
        }

        var (grouped, caffe) = (layout == SqueezeNextLayout.CaffeGrouped ? "G-" : "", layout == SqueezeNextLayout.Pytorchcv ? "" : " (Caffe)");
        return FormattableString.Invariant($"{width:F1}-{grouped}SqNxt-{version.ToString()[1..]}{caffe}{(smallPictures ? " (small pictures)" : "")}");
    }
}
