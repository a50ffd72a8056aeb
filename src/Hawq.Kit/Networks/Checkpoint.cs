using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Saves networks as safetensors, and loads them from safetensors and from PyTorch's .pth files.</summary>
public static class Checkpoint
{
    internal const string QuantizationKey = "quantization"; // in the file's header: how each layer is packed

    private const string BatchCounter = "num_batches_tracked"; // PyTorch's own bookkeeping; older files lack it

    /// <summary>Copies the tensors of a file into a network, by name. A leading <c>module.</c> (DataParallel) is dropped.</summary>
    /// <param name="network">The network; its weights are replaced if all names and shapes fit, else left as they were.</param>
    /// <param name="path">A .safetensors file, or a file that torch.save wrote. A pickle never runs code here.</param>
    /// <returns>The same network, for chaining.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or of another network; the message lists what differs.</exception>
    public static TNetwork LoadWeights<TNetwork>(this TNetwork network, string path)
        where TNetwork : Network
    {
        ArgumentNullException.ThrowIfNull(network);
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"No checkpoint \"{path}\"; expected a .safetensors or .pth file of {network.Architecture}.", path);
        }

        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var isSafetensors = path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase);
        if (isSafetensors && HoldsQuantized(path))
        {
            throw new InvalidDataException($"\"{path}\" holds a quantized network; expected float weights. Load it with LoadQuantized.");
        }

        Fill(network, path, Renamed(network, path, isSafetensors ? Safetensors.Read(path) : PthFile.Read(path)));
        return network;
    }

    /// <summary>Whether a file was written by <c>SaveQuantized</c>, so that <c>LoadQuantized</c> reads it.</summary>
    /// <param name="path">A checkpoint. A file of another kind than .safetensors is not looked into: it holds none.</param>
    /// <exception cref="FileNotFoundException">There is no such .safetensors file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static bool HoldsQuantized(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) && Safetensors.ReadMetadata(path).ContainsKey(QuantizationKey);
    }

    /// <summary>Copies tensors into the network's, by name; integers of the weights that it had before are forgotten.</summary>
    /// <exception cref="InvalidDataException">Names or shapes differ; nothing was copied.</exception>
    internal static void Fill(Network network, string path, IReadOnlyDictionary<string, Tensor> tensors)
    {
        var targets = network.state_dict();
        RequireFit(network, path, tensors, targets);
        foreach (var (name, value) in targets)
        {
            if (tensors.TryGetValue(name, out var source))
            {
                value.copy_(source);
            }
        }

        foreach (var (_, layer) in network.WeightLayers())
        {
            layer.Codes = null;
        }
    }

    /// <summary>Writes all weights, statistics and quantizer parameters of a network. A half-written file never stays.</summary>
    /// <param name="network">The network.</param>
    /// <param name="path">Where to; by custom it ends with .safetensors.</param>
    /// <param name="metadata">Free text pairs for the file's header, for example the accuracy.</param>
    /// <exception cref="ArgumentException">A tensor has a type that the format lacks, or more bytes than are read back.</exception>
    /// <exception cref="IOException">The file could not be written; what was there before is as it was.</exception>
    public static void SaveWeights(this Network network, string path, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        Safetensors.Write(path, network.state_dict().Select(pair => (pair.Key, pair.Value)), metadata);
    }

    private static Dictionary<string, Tensor> Renamed(Network network, string path, IReadOnlyDictionary<string, Tensor> tensors)
    {
        var renamed = new Dictionary<string, Tensor>();
        foreach (var (name, value) in tensors)
        {
            if (network.NameInNetwork(Plain(name)) is { } place && !renamed.TryAdd(place, value))
            {
                throw new InvalidDataException(
                    $"\"{path}\" holds \"{place}\" of {network.Architecture} twice, once as \"{name}\"; expected each tensor once. Save it anew.");
            }
        }

        return renamed;
    }

    private static string Plain(string name) => name.StartsWith("module.", StringComparison.Ordinal) ? name["module.".Length..] : name;

    private static void RequireFit(
        Network network, string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, Tensor> targets)
    {
        var missing = targets.Keys.Where(name => !tensors.ContainsKey(name) && !name.EndsWith(BatchCounter, StringComparison.Ordinal));
        var unexpected = tensors.Keys.Where(name => !targets.ContainsKey(name));
        var shapes = tensors.Where(pair => targets.TryGetValue(pair.Key, out var target) && !target.shape.SequenceEqual(pair.Value.shape))
            .Select(pair => $"{pair.Key} is {Shape(pair.Value)}, expected {Shape(targets[pair.Key])}");
        string[] faults = [Listed("missing", missing), Listed("unexpected", unexpected), Listed("of another shape", shapes)];
        if (faults.Any(fault => fault.Length > 0))
        {
            throw new InvalidDataException(
                $"\"{path}\" does not fit {network.Architecture}: {string.Join("; ", faults.Where(fault => fault.Length > 0))}. " +
                "Make the network that the file was saved from.");
        }
    }

    private static string Listed(string what, IEnumerable<string> items)
    {
        var all = items.Order(StringComparer.Ordinal).ToList();
        var more = all.Count > 8 ? $" and {all.Count - 8} more" : "";
        return all.Count == 0 ? "" : $"{what}: {string.Join(", ", all.Take(8))}{more}";
    }

    private static string Shape(Tensor tensor) => $"[{string.Join(", ", tensor.shape)}]";
}
