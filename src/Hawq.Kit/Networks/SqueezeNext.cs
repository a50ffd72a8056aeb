using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>
/// SqueezeNext-23 for ImageNet: stem, 21 units in four stages, a 1×1 convolution, global mean, linear layer (Gholami et al.
/// 2018; definition and names of pytorchcv). Width 2 is the network of HAWQ's Table 4, in 24 blocks.
/// </summary>
/// <remarks>
/// Stages have 32, 64, 128, 256 channels times the width. Parameters with 1000 classes, for width 1, 1.5, 2: 724,056, 1,511,824,
/// 2,583,752 (V23); 921,816, 1,953,616, 3,366,344 (V23v5). Input (N, 3, H, W), 224 in the paper; output logits (N, classes).
/// </remarks>
public sealed class SqueezeNext : Network
{
    private const double Epsilon = 1e-5;
    private static readonly double[] Widths = [1, 1.5, 2];

    private readonly Func<SqueezeNext> _another;
    private readonly Sequential _features;
    private readonly LinearLayer _output;

    /// <summary>Makes a network with weights drawn from a seed.</summary>
    /// <param name="version">How units are spread over the stages; V23 unless said, HAWQ's.</param>
    /// <param name="width">Multiplier of all channels: 1, 1.5 or 2; 2 unless said, HAWQ's.</param>
    /// <param name="classes">Number of classes, 1000 for ImageNet.</param>
    /// <param name="smallPictures">
    /// Whether the stem is a 3×3 convolution of stride 1 without pooling, for pictures of 32 pixels, in place of 7×7 with stride 2
    /// and pooling. Such a network takes no public checkpoint.
    /// </param>
    /// <param name="seed">Seed of the initial weights (Kaiming normal).</param>
    /// <exception cref="ArgumentOutOfRangeException">Another width, an unknown version, or fewer than 2 classes.</exception>
    public SqueezeNext(
        SqueezeNextVersion version = SqueezeNextVersion.V23, double width = 2, int classes = 1000, bool smallPictures = false, long seed = 0)
        : base(Describe(version, width, smallPictures))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        _another = () => new SqueezeNext(version, width, classes, smallPictures);
        var generator = new Generator((ulong)seed);
        var (stem, last) = ((long)(64 * width), (long)(128 * width));
        List<(string, nn.Module<Tensor, Tensor>)> parts = [("init_block", new SqueezeNextStem(stem, smallPictures, generator))];
        var before = stem;
        foreach (var (units, k) in Depths(version).Select((units, k) => (units, k)))
        {
            var channels = (long)((32 << k) * width);
            parts.Add(($"stage{k + 1}", Stage(before, channels, units, k == 0 ? 1 : 2, generator)));
            before = channels;
        }

        parts.Add(("final_block", new NormalizedConvolution(ConvolutionShape.Square(before, last, 1) with { Bias = true }, Epsilon, generator)));
        _features = nn.Sequential(parts);
        _output = new LinearLayer(last, classes, generator);
        register_module("features", _features);
        register_module("output", _output);
    }

    /// <inheritdoc/>
    public override Network NewInstance() => _another();

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var features = _features.call(input).mean([2, 3]);                                  // (N, 128 · width)
        return _output.call(features).MoveToOuterDisposeScope();
    }

    private static Sequential Stage(long input, long output, int units, long stride, Generator generator) =>
        nn.Sequential(Enumerable.Range(0, units).Select(k => (
            $"unit{k + 1}", (nn.Module<Tensor, Tensor>)new SqueezeNextUnit(k == 0 ? input : output, output, k == 0 ? stride : 1, generator))));

    private static int[] Depths(SqueezeNextVersion version) => version == SqueezeNextVersion.V23v5 ? [2, 4, 14, 1] : [6, 6, 8, 1];

    private static string Describe(SqueezeNextVersion version, double width, bool smallPictures)
    {
        if (!Widths.Contains(width))
        {
            throw new ArgumentOutOfRangeException(nameof(width), width, "SqueezeNext is defined for width 1, 1.5 and 2.");
        }

        if (!Enum.IsDefined(version))
        {
            throw new ArgumentOutOfRangeException(nameof(version), version, "Expected V23 or V23v5.");
        }

        return FormattableString.Invariant($"{width:F1}-SqNxt-{version.ToString()[1..]}{(smallPictures ? " (small pictures)" : "")}");
    }
}
