using System.Text.Json;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Saves quantized networks at their true size and loads them again, bit for bit.</summary>
/// <remarks>
/// A safetensors file. A quantized weight is stored as its integers, packed without gaps (<c>….weight.codes</c>), with scale and
/// zero point or basis; all else as in a float checkpoint. The header's <c>quantization</c> says how each layer is packed.
/// </remarks>
public static class QuantizedCheckpoint
{
    private const string Weight = ".weight";
    private const string WeightQuantizer = ".weight_quantizer.";

    /// <summary>Writes a network with its weights packed to their bits. A half-written file never stays.</summary>
    /// <param name="network">A network that <see cref="ModelQuantizer"/> or a fine-tuning quantized; layers that stay float are stored so.</param>
    /// <param name="path">Where to; it ends with .safetensors.</param>
    /// <param name="metadata">Free text pairs for the file's header.</param>
    /// <returns>Bytes of the file.</returns>
    /// <exception cref="ArgumentException">The name has another ending.</exception>
    /// <exception cref="InvalidOperationException">The network was loaded by <see cref="LoadQuantized"/>, and its weights were changed after that.</exception>
    public static long SaveQuantized(this Network network, string path, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (!path.EndsWith(".safetensors", StringComparison.Ordinal))
        {
            throw new ArgumentException($"Received \"{path}\"; expected a name that ends in .safetensors, since weights are written in that format.", nameof(path));
        }

        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var stored = network.state_dict().Where(pair => !pair.Key.Contains(WeightQuantizer, StringComparison.Ordinal)).ToDictionary(pair => pair.Key, pair => pair.Value);
        var layers = new Dictionary<string, PackedLayer>();
        foreach (var (name, layer) in network.WeightLayers().Where(layer => layer.Layer.IsQuantized || layer.Layer.Codes is not null))
        {
            var weight = IntegerWeight.Of(name, layer);
            if (weight is not null)
            {
                stored.Remove(name + Weight);
                weight.Stored(name + Weight).ToList().ForEach(tensor => stored.Add(tensor.Name, tensor.Value));
            }

            layers[name] = new(weight?.Form, PackedInput.Of(layer.InputQuantizer as ActivationFakeQuantizer));
        }

        var header = new Dictionary<string, string>(metadata ?? new Dictionary<string, string>()) { [Checkpoint.QuantizationKey] = JsonSerializer.Serialize(layers) };
        Safetensors.Write(path, stored.Select(pair => (pair.Key, pair.Value)), header);
        return new FileInfo(path).Length;
    }

    /// <summary>Makes a float network the quantized one of a file: its weights take the stored values, its inputs are quantized as they were.</summary>
    /// <param name="network">A float network of the file's architecture.</param>
    /// <param name="path">What <see cref="SaveQuantized"/> wrote.</param>
    /// <returns>The same network, to evaluate. To train on, resume the fine-tuning that made it instead.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, of a float network or of another one; the network was not changed.</exception>
    /// <exception cref="InvalidOperationException">The network is quantized already.</exception>
    public static TNetwork LoadQuantized<TNetwork>(this TNetwork network, string path)
        where TNetwork : Network
    {
        ArgumentNullException.ThrowIfNull(network);
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"No checkpoint \"{path}\"; expected a file of a quantized {network.Architecture}.", path);
        }

        if (network.WeightLayers().Any(layer => layer.Layer.IsQuantized))
        {
            throw new InvalidOperationException($"This {network.Architecture} is quantized already; load into a fresh one.");
        }

        var layers = LayersOf(path);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var tensors = Safetensors.Read(path);
        using (var trial = network.NewInstance())
        {
            Load(trial, path, layers, new(tensors)); // a file that does not fit fails here
            if (trial.WeightLayers().FirstOrDefault(layer => layer.Layer.InputQuantizer is ActivationFakeQuantizer { IsSound: false }).Name is { } broken)
            {
                throw new InvalidDataException($"\"{path}\" is damaged: the numbers of the input of layer \"{broken}\" make no grid. Get the file again.");
            }
        }

        Load(network, path, layers, tensors);
        return network;
    }

    private static void Load(Network network, string path, IReadOnlyDictionary<string, PackedLayer> layers, Dictionary<string, Tensor> tensors)
    {
        var known = network.WeightLayers().ToDictionary(layer => layer.Name, layer => layer.Layer);
        var codes = new Dictionary<WeightLayer, IntegerWeight>();
        foreach (var (name, packed) in layers)
        {
            if (!known.TryGetValue(name, out var layer))
            {
                throw new InvalidDataException($"\"{path}\" has a layer \"{name}\", which {network.Architecture} lacks. Make the network that the file was saved from.");
            }

            if (packed.Weight is { } form)
            {
                var weight = IntegerWeight.Taken(form, name + Weight, layer.Weight.shape, tensors);
                (codes[layer], tensors[name + Weight]) = (weight, weight.Values());
            }

            layer.Attach(null, packed.Input?.Quantizer(name, layer.Weight.device));
        }

        Checkpoint.Fill(network, path, tensors);
        foreach (var (layer, weight) in codes)
        {
            layer.Codes = weight;
        }
    }

    private static Dictionary<string, PackedLayer> LayersOf(string path)
    {
        if (!Safetensors.ReadMetadata(path).TryGetValue(Checkpoint.QuantizationKey, out var json))
        {
            throw new InvalidDataException($"\"{path}\" holds no quantized network; expected a file of SaveQuantized. A float one loads with LoadWeights.");
        }

        try
        {
            var layers = JsonSerializer.Deserialize<Dictionary<string, PackedLayer>>(json);
            return layers is not null && layers.Values.All(layer => layer is not null && layer.IsSound)
                ? layers
                : throw new InvalidDataException($"\"{path}\" has a damaged header: a layer's bits are not 1 to 8, or its integers not those of a grid. Get the file again.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"\"{path}\" has a damaged header: {error.Message} Get the file again.", error);
        }
    }
}
