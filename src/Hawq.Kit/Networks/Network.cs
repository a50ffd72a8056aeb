using TorchSharp;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>A network that knows how to make another of its kind, so that analysis and fine-tuning can work on a copy.</summary>
public abstract class Network : nn.Module<Tensor, Tensor>
{
    /// <summary>Names the network.</summary>
    /// <param name="architecture">What it is, e.g. "ResNet20 (CIFAR, option A)"; it stands in reports and run cards.</param>
    protected Network(string architecture)
        : base(architecture) => Architecture = architecture;

    /// <summary>What the network is, e.g. "ResNet20 (CIFAR, option A)".</summary>
    public string Architecture { get; }

    /// <summary>Makes a network of the same architecture with fresh weights.</summary>
    public abstract Network NewInstance();

    /// <summary>Tells the operations of its forward pass in evaluation mode, so that it can be written in another format.</summary>
    /// <param name="graph">Takes them, in order.</param>
    /// <param name="input">Name of the network's input.</param>
    /// <returns>Name of the network's output.</returns>
    /// <exception cref="NotSupportedException">The network does not override it.</exception>
    public virtual string Describe(INetworkGraph graph, string input) =>
        throw new NotSupportedException($"{Architecture} does not tell its operations. Override Describe in {GetType().Name}, call by call as in its forward pass.");

    /// <summary>Whether a layer has no part in the forward pass of evaluation, as an auxiliary head, so that <see cref="Describe"/> leaves it out; none unless said.</summary>
    /// <param name="layer">Its dotted name.</param>
    protected internal virtual bool IsForTrainingAlone(string layer) => false;

    /// <summary>A copy of the float network: same architecture, weights, statistics and device, in float32. All of it is in the mode of the network itself, and all parameters want a gradient.</summary>
    /// <exception cref="InvalidOperationException">A layer is quantized.</exception>
    public Network Clone()
    {
        RequireUnpacked("only a float network is cloned. Load the file once more.");
        RequireFloat("only a float network is cloned. Clone it before quantizing.");
        var copy = NewInstance();
        try
        {
            using var _ = no_grad();
            var source = state_dict();
            foreach (var (name, value) in copy.state_dict())
            {
                value.copy_(source[name]);
            }

            copy.to(source.Values.First().device);
            copy.train(training);
            return copy;
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    /// <summary>Fails if a layer is quantized.</summary>
    /// <param name="expected">The second half of the message: what was expected, and what to do.</param>
    internal void RequireFloat(string expected)
    {
        if (WeightLayers().FirstOrDefault(layer => layer.Layer.IsQuantized).Name is { } quantized)
        {
            throw new InvalidOperationException($"Layer \"{quantized}\" of {Architecture} is quantized; {expected}");
        }
    }

    /// <summary>Fails if <c>LoadQuantized</c> made it.</summary>
    /// <param name="expected">As of <see cref="RequireFloat"/>.</param>
    internal void RequireUnpacked(string expected)
    {
        if (WeightLayers().Any(layer => layer.Layer.Codes is not null))
        {
            throw new InvalidOperationException($"This {Architecture} was loaded by LoadQuantized; {expected}");
        }
    }

    /// <summary>What the network calls the tensor that a public checkpoint calls <paramref name="fileName"/>; null to leave it out.</summary>
    internal virtual string? NameInNetwork(string fileName) => fileName;

    /// <summary>All layers with a weight, in network order, with their dotted names, e.g. "layer1.0.conv1".</summary>
    public IReadOnlyList<(string Name, WeightLayer Layer)> WeightLayers() => [.. LayersIn(this, "")];

    /// <summary>Depth first: <c>named_modules</c> gives all direct children before their own, ResNet50's last layer second.</summary>
    private static IEnumerable<(string Name, WeightLayer Layer)> LayersIn(nn.Module parent, string path) =>
        parent.named_children().SelectMany(child => child.module is WeightLayer layer
            ? [(path + child.name, layer)]
            : LayersIn(child.module, $"{path}{child.name}."));
}
