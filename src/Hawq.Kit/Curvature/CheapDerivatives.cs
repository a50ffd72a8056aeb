using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>
/// While it lives, convolutions and batch norms of a network in evaluation mode compute the same values by nodes whose second
/// derivative is cheap. Layers that it does not know, that are quantized, or that are matrix products already (1×1) stay as they are.
/// </summary>
/// <remarks>
/// A hook before a layer puts an empty batch in place of its input, so that the layer itself costs nothing; a hook behind it
/// computes the output. In evaluation mode batch norm is y = a·x + b with constants a = γ ÷ √(σ² + ε), b = β − a·μ.
/// </remarks>
internal sealed class CheapDerivatives : IDisposable
{
    private readonly List<Action> _undo = [];
    private readonly List<Tensor> _constants = [];

    public CheapDerivatives(nn.Module model)
    {
        using var _ = no_grad();
        foreach (var module in model.modules())
        {
            if (module is ConvolutionLayer { IsQuantized: false, Shape.IsPointwise: false } layer)
            {
                Hook(layer, Convolution(layer));
            }
            else if (module is BatchNorm2d { training: false } norm && norm.weight is { } && norm.running_var is { })
            {
                Hook(norm, Affine(norm));
            }
        }
    }

    public void Dispose()
    {
        _undo.ForEach(undo => undo());
        _constants.ForEach(constant => constant.Dispose());
    }

    private static Func<Tensor, Tensor> Convolution(ConvolutionLayer layer) => x =>
    {
        var laid = layer.Laid(x);
        var geometry = new ConvolutionGeometry(layer.Shape, (laid.shape[2], laid.shape[3]), layer.Bias);
        return ConvolutionFunction.Of(laid, layer.Weight, geometry);
    };

    private Func<Tensor, Tensor> Affine(BatchNorm2d norm)
    {
        using var scope = NewDisposeScope();
        var a = (norm.weight!.detach() / (norm.running_var! + norm.eps).sqrt()).view(1, -1, 1, 1);     // (1, C, 1, 1)
        var b = norm.bias!.detach().view(1, -1, 1, 1) - (norm.running_mean!.view(1, -1, 1, 1) * a);
        _constants.AddRange([a.DetachFromDisposeScope(), b.DetachFromDisposeScope()]);
        return x => addcmul(b, x, a, 1);
    }

    private void Hook(nn.Module<Tensor, Tensor> layer, Func<Tensor, Tensor> compute)
    {
        Tensor? input = null;
        var before = layer.register_forward_pre_hook((_, x) => (input = x).detach().narrow(0, 0, 0));
        var behind = layer.register_forward_hook((_, _, _) => compute(input!));
        _undo.Add(before.remove);
        _undo.Add(behind.remove);
    }
}
