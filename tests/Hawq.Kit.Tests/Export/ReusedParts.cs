using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Export;

/// <summary>Pools before its first layer, which it uses twice, with a batch norm without weights, and calls its last layer as the file its output.</summary>
internal sealed class ReusedParts : Network
{
    private readonly ConvolutionLayer _conv = new(ConvolutionShape.Square(3, 3, 3), new Generator(1));
    private readonly TorchSharp.Modules.BatchNorm2d _norm = nn.BatchNorm2d(3, affine: false);
    private readonly LinearLayer _last = new(3, 2, new Generator(1));

    public ReusedParts()
        : base("")
    {
        register_module("logits", _last);
        register_module("conv", _conv);
        register_module("norm", _norm);
        eval();
    }

    public bool Forgets { get; init; }

    public override Network NewInstance() => new ReusedParts();

    public override Tensor forward(Tensor input)
    {
        var x = nn.functional.max_pool2d(input, 2, 2);
        return _last.call(_norm.call(_conv.call(_norm.call(_conv.call(x)))).mean([2, 3]));
    }

    public override string Describe(INetworkGraph graph, string input)
    {
        var x = graph.MaxPooled(input, 2, 2);
        for (var k = 0; k < 2; k++)
        {
            x = graph.Normalized(_norm, graph.Layer(_conv, x));
        }

        x = graph.PixelMean(x);
        return Forgets ? x : graph.Layer(_last, x);
    }
}
