using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>A copy of a network's state, kept to go back to.</summary>
internal sealed class BestState : IDisposable
{
    public Dictionary<string, Tensor> Tensors { get; private set; } = [];

    public void Keep(Network model) => Set(model.state_dict());

    public void Set(IReadOnlyDictionary<string, Tensor> tensors)
    {
        using var scope = NewDisposeScope(); // for the detached handles between
        var copies = tensors.ToDictionary(pair => pair.Key, pair => pair.Value.detach().clone().DetachFromDisposeScope());
        Dispose();
        Tensors = copies;
    }

    public void CopyTo(Network model)
    {
        using var _ = no_grad();
        foreach (var (name, value) in model.state_dict())
        {
            value.copy_(Tensors[name]);
        }
    }

    public void Dispose()
    {
        foreach (var tensor in Tensors.Values)
        {
            tensor.Dispose();
        }

        Tensors = [];
    }
}
