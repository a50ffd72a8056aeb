using System.Text.Json;
using static TorchSharp.torch;

namespace Hawq.Kit.Tests;

/// <summary>The network and numbers that References/tiny_network.py recorded with PyTorch in float64.</summary>
internal sealed class TinyReference
{
    private readonly JsonElement _json = Given.Reference("tiny_network.json");

    public TinyReference()
    {
        using var _ = no_grad();
        Model = Given.TinyNetwork();
        foreach (var (name, value) in Model.named_parameters())
        {
            value.copy_(tensor(Numbers("state", name)).view(value.shape));
        }
    }

    public nn.Module<Tensor, Tensor> Model { get; }

    public double Loss => _json.GetProperty("loss").GetDouble();

    /// <summary>The 11 samples, cut into batches of these sizes.</summary>
    public Batch[] Batches(params int[] sizes)
    {
        var inputs = tensor(Numbers("inputs")).view(11, 3);
        var targets = tensor(_json.GetProperty("targets").EnumerateArray().Select(y => y.GetInt64()).ToArray());
        var starts = sizes.Select((_, k) => sizes.Take(k).Sum()).ToArray();
        return [.. sizes.Select((size, k) => new Batch(inputs.narrow(0, starts[k], size).clone(), targets.narrow(0, starts[k], size).clone()))];
    }

    public double[] Numbers(params string[] path) =>
        [.. path.Aggregate(_json, (node, name) => node.GetProperty(name)).EnumerateArray().Select(x => x.GetDouble())];
}
