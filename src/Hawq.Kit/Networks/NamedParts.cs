using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>A part of a network whose own parts are registered under the names that checkpoints use, and under no others.</summary>
internal abstract class NamedParts(string name) : nn.Module<Tensor, Tensor>(name)
{
    /// <summary>Does nothing: TorchSharp would register the parts a second time, under the names of the fields.</summary>
    protected sealed override void RegisterComponents()
    {
    }
}
