using System.Globalization;
using System.Text.RegularExpressions;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>
/// ResNet50 for ImageNet: 7×7 stem, 3 + 4 + 6 + 3 bottlenecks of width 64, 128, 256, 512, global mean, linear layer
/// (He et al. 2016, table 1). It is the network of HAWQ's Table 3, in 18 blocks.
/// </summary>
/// <remarks>
/// With 1000 classes it has 25,557,032 parameters, of which 25,502,912 are conv and linear weights. Names of parameters are
/// torchvision's (<c>layer1.0.conv1.weight</c>, <c>fc.bias</c>); files of pytorchcv (<c>features.stage1.unit1.body.conv1.conv.weight</c>)
/// load too. Input (N, 3, H, W) with H, W ≥ 32, 224 in the paper; output logits (N, classes).
/// </remarks>
public sealed partial class ImageNetResNet : Network
{
    private static readonly int[] Units = [3, 4, 6, 3];

    private readonly ResNetStride _strides;
    private readonly int _classes;
    private readonly ConvolutionLayer _conv1;
    private readonly BatchNorm2d _bn1;
    private readonly Sequential[] _stages;
    private readonly LinearLayer _fc;

    /// <summary>Makes a network with weights drawn from a seed.</summary>
    /// <param name="strides">Where the stride is; on the 3×3 convolution (v1.5) unless said, as in HAWQ's 77.39 % baseline.</param>
    /// <param name="classes">Number of classes, 1000 for ImageNet.</param>
    /// <param name="seed">Seed of the initial weights (Kaiming normal).</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 2 classes, or an unknown place of the stride.</exception>
    public ImageNetResNet(ResNetStride strides = ResNetStride.OnThreeByThree, int classes = 1000, long seed = 0)
        : base(strides == ResNetStride.OnFirstOneByOne ? "ResNet50 (v1)" : "ResNet50 (v1.5)")
    {
        if (!Enum.IsDefined(strides))
        {
            throw new ArgumentOutOfRangeException(nameof(strides), strides, "Expected OnThreeByThree (v1.5) or OnFirstOneByOne (v1).");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        (_strides, _classes) = (strides, classes);
        using var generator = new Generator((ulong)seed);
        _conv1 = new ConvolutionLayer(ConvolutionShape.Square(3, 64, 7, 2), generator);
        _bn1 = nn.BatchNorm2d(64);
        _stages = [.. Units.Select((units, k) => Stage(k, units, generator))];
        _fc = new LinearLayer(512 * Bottleneck.Expansion, classes, generator);
        register_module("conv1", _conv1);
        register_module("bn1", _bn1);
        for (var k = 0; k < _stages.Length; k++)
        {
            register_module($"layer{k + 1}", _stages[k]);
        }

        register_module("fc", _fc);
    }

    /// <inheritdoc/>
    public override Network NewInstance() => new ImageNetResNet(_strides, _classes);

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = _bn1.Rectified(_conv1.call(input));                                         // (N, 64, H/2, W/2)
        x = nn.functional.max_pool2d(x, 3, 2, 1);                                           // (N, 64, H/4, W/4)
        foreach (var stage in _stages)
        {
            x = stage.call(x);
        }

        return _fc.call(x.mean([2, 3])).MoveToOuterDisposeScope();                          // (N, 2048) before the last layer
    }

    /// <inheritdoc/>
    public override string Describe(INetworkGraph graph, string input)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var x = graph.Rectified(graph.Normalized(_bn1, graph.Layer(_conv1, input)));
        x = _stages.Aggregate(graph.MaxPooled(x, 3, 2, 1), (y, stage) => stage.Describe(graph, y));
        return graph.Layer(_fc, graph.PixelMean(x));
    }

    /// <summary>pytorchcv counts stages and units from 1 and nests the three convolutions in a body.</summary>
    internal override string? NameInNetwork(string fileName)
    {
        var unit = UnitName().Match(fileName);
        if (unit.Success)
        {
            var (number, rest) = (int.Parse(unit.Groups[2].ValueSpan, CultureInfo.InvariantCulture), unit.Groups[3].Value);
            return $"layer{unit.Groups[1].Value}.{number - 1}.{PartName(rest)}";
        }

        return fileName
            .Replace("features.init_block.conv.conv.", "conv1.", StringComparison.Ordinal)
            .Replace("features.init_block.conv.bn.", "bn1.", StringComparison.Ordinal)
            .Replace("output.", "fc.", StringComparison.Ordinal);
    }

    private Sequential Stage(int number, int units, Generator generator)
    {
        var width = 64L << number;
        var before = number == 0 ? 64 : width / 2 * Bottleneck.Expansion;
        return nn.Sequential(Enumerable.Range(0, units).Select(k => (
            k.ToString(CultureInfo.InvariantCulture),
            (nn.Module<Tensor, Tensor>)new Bottleneck(
                k == 0 ? before : width * Bottleneck.Expansion, width, k == 0 && number > 0 ? 2 : 1, _strides, generator))));
    }

    private static string PartName(string part)
    {
        part = part
            .Replace("identity_conv.conv.", "downsample.0.", StringComparison.Ordinal)
            .Replace("identity_conv.bn.", "downsample.1.", StringComparison.Ordinal);
        return BodyName().Replace(part, match => (match.Groups[2].Value == "bn" ? "bn" : "conv") + match.Groups[1].Value + ".");
    }

    [GeneratedRegex(@"^features\.stage(\d)\.unit(\d{1,3})\.(.+)$")]
    private static partial Regex UnitName();

    [GeneratedRegex(@"^body\.conv(\d)\.(conv|bn)\.")]
    private static partial Regex BodyName();
}
