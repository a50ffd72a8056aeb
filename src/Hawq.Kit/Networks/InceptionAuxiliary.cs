using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Auxiliary classifier of Inception-V3 on the 17×17 grid: mean pool 5×5, 1×1, 5×5, global mean, linear (Szegedy et al. 2016, figure 8).</summary>
internal sealed class InceptionAuxiliary : NamedParts
{
    private readonly NormalizedConvolution _conv0;
    private readonly NormalizedConvolution _conv1;
    private readonly LinearLayer _fc;

    public InceptionAuxiliary(long input, int classes, Generator generator)
        : base(nameof(InceptionAuxiliary))
    {
        _conv0 = new NormalizedConvolution(InceptionModules.Point(input, 128), InceptionV3.Epsilon, generator);
        _conv1 = new NormalizedConvolution(new ConvolutionShape(128, 768, 5, 5), InceptionV3.Epsilon, generator);
        _fc = new LinearLayer(768, classes, generator);
        register_module("conv0", _conv0);
        register_module("conv1", _conv1);
        register_module("fc", _fc);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var pooled = nn.functional.avg_pool2d(input, 5, 3);                                 // (N, 768, 5, 5) at 299 pixels
        var features = _conv1.call(_conv0.call(pooled)).mean([2, 3]);                       // (N, 768)
        return _fc.call(features).MoveToOuterDisposeScope();
    }
}
