using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>
/// Inception-V3 for ImageNet: five stem convolutions, eleven Mixed modules, global mean, linear layer (Szegedy et al. 2016;
/// definition and names of torchvision). It is the network of HAWQ's Table 2, in 17 blocks.
/// </summary>
/// <remarks>
/// With 1000 classes it has 23,834,568 parameters, 27,161,264 with the auxiliary head. Input (N, 3, H, W), normalised by
/// <see cref="Normalization.ImageNet"/>, H, W ≥ 75, 299 in the paper; output logits (N, classes). Checkpoints of torchvision and of
/// pytorchcv's <c>inceptionv3</c> load by their own names; the latter's network does not rescale its input.
/// </remarks>
public sealed class InceptionV3 : Network
{
    internal const double Epsilon = 1e-3;

    private const string AuxiliaryName = "AuxLogits";
    private const int Grid17Modules = 7;

    // ((x · deviation + mean) − 0.5) / 0.5 from Normalization.ImageNet, unrounded
    private static readonly double[] InputScale = [0.229 / 0.5, 0.224 / 0.5, 0.225 / 0.5];
    private static readonly double[] InputShift = [(0.485 - 0.5) / 0.5, (0.456 - 0.5) / 0.5, (0.406 - 0.5) / 0.5];

    private readonly Func<InceptionV3> _another;
    private readonly NormalizedConvolution[] _stem;
    private readonly MixedModule[] _mixed;
    private readonly InceptionAuxiliary? _auxiliary;
    private readonly SeededDropout _dropout;
    private readonly LinearLayer _fc;
    private readonly bool _transforms;

    /// <summary>Makes a network with weights drawn from a seed.</summary>
    /// <param name="classes">Number of classes, 1000 for ImageNet.</param>
    /// <param name="auxiliary">
    /// Whether it has the auxiliary head; not unless said, since only training from scratch uses it. Without it, a checkpoint's
    /// <c>AuxLogits</c> are left out.
    /// </param>
    /// <param name="transformsInput">
    /// Whether the input is rescaled from the ImageNet normalisation to (pixel − 0.5) / 0.5; true unless said, as torchvision does for
    /// its published weights, which stem from TensorFlow; false for pytorchcv's.
    /// </param>
    /// <param name="dropout">Probability that a feature before the last layer is dropped in training; 0.5 unless said (torchvision).</param>
    /// <param name="seed">Seed of the initial weights (Kaiming normal) and of the dropout.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 2 classes, or a dropout outside of 0 ≤ p &lt; 1.</exception>
    public InceptionV3(int classes = 1000, bool auxiliary = false, bool transformsInput = true, double dropout = 0.5, long seed = 0)
        : base(auxiliary ? "Inception-V3 (auxiliary head)" : "Inception-V3")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        if (!(dropout is >= 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(dropout), dropout, "A dropout probability is at least 0 and below 1.");
        }

        _another = () => new InceptionV3(classes, auxiliary, transformsInput, dropout, seed);
        _transforms = transformsInput;
        using var generator = new Generator((ulong)seed);
        _stem = [.. StemShapes.Select(layer => Registered(layer.Name, new NormalizedConvolution(layer.Shape, Epsilon, generator)))];
        _mixed = new MixedModule[MixedModules.Length];
        for (var k = 0; k < _mixed.Length; k++)
        {
            if (k == Grid17Modules + 1 && auxiliary)
            {
                _auxiliary = Registered(AuxiliaryName, new InceptionAuxiliary(768, classes, generator));
            }

            _mixed[k] = Registered(MixedModules[k].Name, new MixedModule(MixedModules[k].Branches, generator));
        }

        _dropout = Registered("dropout", new SeededDropout(dropout, seed));
        _fc = Registered("fc", new LinearLayer(2048, classes, generator));
    }

    internal static (string Name, ConvolutionShape Shape)[] StemShapes { get; } =
    [
        ("Conv2d_1a_3x3", InceptionModules.Unpadded(3, 32, 2)),
        ("Conv2d_2a_3x3", InceptionModules.Unpadded(32, 32)),
        ("Conv2d_2b_3x3", ConvolutionShape.Square(32, 64, 3)),
        ("Conv2d_3b_1x1", InceptionModules.Point(64, 80)),
        ("Conv2d_4a_3x3", InceptionModules.Unpadded(80, 192)),
    ];

    internal static (string Name, InceptionBranch[] Branches)[] MixedModules { get; } =
    [
        ("Mixed_5b", InceptionModules.A(192, 32)),
        ("Mixed_5c", InceptionModules.A(256, 64)),
        ("Mixed_5d", InceptionModules.A(288, 64)),
        ("Mixed_6a", InceptionModules.B(288)),
        ("Mixed_6b", InceptionModules.C(768, 128)),
        ("Mixed_6c", InceptionModules.C(768, 160)),
        ("Mixed_6d", InceptionModules.C(768, 160)),
        ("Mixed_6e", InceptionModules.C(768, 192)),
        ("Mixed_7a", InceptionModules.D(768)),
        ("Mixed_7b", InceptionModules.E(1280)),
        ("Mixed_7c", InceptionModules.E(2048)),
    ];

    /// <inheritdoc/>
    public override Network NewInstance() => _another();

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return Head(Grid17(input)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    /// <remarks>Without the auxiliary head, which training alone uses.</remarks>
    public override string Describe(INetworkGraph graph, string input)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var x = _transforms ? graph.Scaled(input, [.. InputScale.Select(s => (float)s)], [.. InputShift.Select(s => (float)s)]) : input;
        for (var k = 0; k < _stem.Length; k++)
        {
            x = _stem[k].Describe(graph, x);
            x = k is 2 or 4 ? graph.MaxPooled(x, 3, 2) : x;
        }

        return graph.Layer(_fc, graph.PixelMean(_mixed.Aggregate(x, (y, module) => module.Describe(graph, y))));
    }

    /// <summary>Logits of the network and of its auxiliary head, for training with the loss L + 0.4 · L_auxiliary (torchvision).</summary>
    /// <param name="input">(N, 3, H, W); the auxiliary head needs H, W ≥ 299 or near it, so that its 5×5 kernel fits.</param>
    /// <returns>Two tensors (N, classes).</returns>
    /// <exception cref="InvalidOperationException">The network has no auxiliary head.</exception>
    public (Tensor Logits, Tensor Auxiliary) CallWithAuxiliary(Tensor input)
    {
        if (_auxiliary is null)
        {
            throw new InvalidOperationException($"{Architecture} has no auxiliary head; make it with auxiliary: true.");
        }

        using var scope = NewDisposeScope();
        var grid17 = Grid17(input);
        var auxiliary = _auxiliary.call(grid17);
        return (Head(grid17).MoveToOuterDisposeScope(), auxiliary.MoveToOuterDisposeScope());
    }

    /// <inheritdoc/>
    protected internal override bool IsForTrainingAlone(string layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return layer.StartsWith(AuxiliaryName + ".", StringComparison.Ordinal);
    }

    internal override string? NameInNetwork(string fileName) =>
        _auxiliary is null && fileName.StartsWith(AuxiliaryName + ".", StringComparison.Ordinal) ? null : InceptionNames.InTorchvision(fileName);

    private Tensor Grid17(Tensor input)
    {
        var x = _transforms ? Transformed(input) : input;
        for (var k = 0; k < _stem.Length; k++)
        {
            x = _stem[k].call(x);
            x = k is 2 or 4 ? nn.functional.max_pool2d(x, 3, 2) : x;                        // (N, 64, 73, 73), (N, 192, 35, 35)
        }

        return _mixed.Take(Grid17Modules + 1).Aggregate(x, (y, module) => module.call(y));  // (N, 768, 17, 17)
    }

    private Tensor Head(Tensor grid17)
    {
        var features = _mixed.Skip(Grid17Modules + 1).Aggregate(grid17, (y, module) => module.call(y)).mean([2, 3]);
        return _fc.call(_dropout.call(features));                                           // (N, 2048) before the last layer
    }

    /// <summary>((x · deviation + mean) − 0.5) / 0.5, from the ImageNet normalisation.</summary>
    private static Tensor Transformed(Tensor input)
    {
        var scale = tensor(InputScale, dtype: input.dtype, device: input.device).view(1, 3, 1, 1);
        var shift = tensor(InputShift, dtype: input.dtype, device: input.device).view(1, 3, 1, 1);
        return input * scale + shift;
    }

    private TModule Registered<TModule>(string name, TModule module)
        where TModule : nn.Module
    {
        register_module(name, module);
        return module;
    }
}
