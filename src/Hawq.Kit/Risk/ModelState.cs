using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Remembers a network's mode and which parameters want a gradient, and puts both back when disposed.</summary>
internal sealed class ModelState : IDisposable
{
    private readonly List<(nn.Module Module, bool Training)> _modes;
    private readonly List<(Tensor Parameter, bool WantsGradient)> _parameters;

    public ModelState(nn.Module model)
    {
        _modes = [.. model.modules().Prepend(model).Select(module => (module, module.training))];
        _parameters = [.. model.parameters().Select(parameter => ((Tensor)parameter, parameter.requires_grad))];
    }

    public void Dispose()
    {
        foreach (var (module, training) in _modes)
        {
            module.train(training); // a parent sets its children too, and comes before them
        }

        foreach (var (parameter, wants) in _parameters)
        {
            parameter.requires_grad = wants;
        }
    }
}
