using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Unit of SqueezeNext: two 1×1 squeezes, a 3×3 kernel split in 1×3 and 3×1, a 1×1 expansion (Gholami et al. 2018, section 3).</summary>
/// <remarks>
/// y = ReLU(main(x) + shortcut(x)); sizes and wiring are those of a <see cref="SqueezeNextUnitPlan"/>. Every convolution is
/// followed by batch norm and ReLU. Names are pytorchcv's.
/// </remarks>
internal sealed class SqueezeNextUnit : NamedParts, INetworkUnit, IGraphPart
{
    private readonly NormalizedConvolution[] _main;
    private readonly NormalizedConvolution? _projection;
    private readonly bool _feedsFromProjection;

    public SqueezeNextUnit(SqueezeNextUnitPlan plan, Generator generator)
        : base(nameof(SqueezeNextUnit))
    {
        _feedsFromProjection = plan.FeedsFromProjection;
        _main = [.. plan.Main.Select(shape => new NormalizedConvolution(shape, SqueezeNext.Epsilon, generator))];
        for (var k = 0; k < _main.Length; k++)
        {
            register_module($"conv{k + 1}", _main[k]);
        }

        if (plan.Projects)
        {
            _projection = new NormalizedConvolution(plan.Projection, SqueezeNext.Epsilon, generator);
            register_module("identity_conv", _projection);
        }
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var shortcut = _projection is null ? input : _projection.call(input);
        var main = _main.Aggregate(_feedsFromProjection ? shortcut : input, (x, convolution) => convolution.call(x));         // (N, C_out, H', W')
        return (main + shortcut).relu_().MoveToOuterDisposeScope(); // no add_: ReLU's gradient needs the output of main
    }

    public string Describe(INetworkGraph graph, string input)
    {
        var shortcut = _projection is null ? input : _projection.Describe(graph, input);
        var main = _main.Aggregate(_feedsFromProjection ? shortcut : input, (x, convolution) => convolution.Describe(graph, x));
        return graph.Rectified(graph.Sum(main, shortcut));
    }
}
