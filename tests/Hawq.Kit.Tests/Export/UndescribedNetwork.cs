using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Export;

/// <summary>A network that tells no operations.</summary>
internal sealed class UndescribedNetwork : Network
{
    private readonly LinearLayer _linear = new(3, 2, new Generator(1));

    public UndescribedNetwork()
        : base("undescribed") => register_module("linear", _linear);

    public override Network NewInstance() => new UndescribedNetwork();

    public override Tensor forward(Tensor input) => _linear.call(input);
}
