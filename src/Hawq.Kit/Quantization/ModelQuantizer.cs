using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Attaches fake quantizers to chosen blocks of a network, all at once or block by block.</summary>
public static class ModelQuantizer
{
    /// <summary>Quantizes blocks of a network in place. A training loop that works on a copy passes the copy.</summary>
    /// <param name="network">The network that is changed: a clone of the user's.</param>
    /// <param name="precisions">The blocks and their bit widths.</param>
    /// <param name="scheme">How weights and inputs are quantized.</param>
    /// <param name="calibration">Ranges of the inputs, observed on the float network; needed unless all inputs stay float.</param>
    /// <returns>What was quantized and what was skipped, with the reason.</returns>
    /// <exception cref="ArgumentException">A layer is unknown or named twice, takes no such bits, or calibration is missing. The network was not changed.</exception>
    /// <exception cref="InvalidOperationException">A chosen layer is quantized already, or <c>LoadQuantized</c> made the network. It was not changed.</exception>
    public static QuantizationReport Quantize(
        Network network, IEnumerable<BlockPrecision> precisions, QuantizationScheme scheme, ActivationCalibration? calibration)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(precisions);
        ArgumentNullException.ThrowIfNull(scheme);
        network.RequireUnpacked("only float weights are quantized. Quantize a clone of the float network that it was made from.");
        var layers = network.WeightLayers();
        var chosen = Chosen(precisions, layers);
        Validate(layers, chosen, calibration);
        using var scope = NewDisposeScope();
        Made(layers, chosen, scheme, calibration).ForEach(quantizers => quantizers.Attach());
        return new([.. layers.Select(layer => Told(layer.Name, layer.Layer, chosen.ContainsKey(layer.Name), scheme))], scheme);
    }

    private static Dictionary<string, BlockPrecision> Chosen(
        IEnumerable<BlockPrecision> precisions, IReadOnlyList<(string Name, WeightLayer Layer)> layers)
    {
        var known = layers.Select(layer => layer.Name).ToHashSet();
        var chosen = new Dictionary<string, BlockPrecision>();
        foreach (var precision in precisions)
        {
            foreach (var name in precision.Block.LayerNames)
            {
                if (!known.Contains(name))
                {
                    throw new ArgumentException(
                        $"Block \"{precision.Block.Name}\" names layer \"{name}\", which the network lacks; it has {string.Join(", ", layers.Select(l => l.Name))}.",
                        nameof(precisions));
                }

                if (!chosen.TryAdd(name, precision))
                {
                    throw new ArgumentException($"Layer \"{name}\" is chosen twice; a layer belongs to one block.", nameof(precisions));
                }
            }
        }

        return chosen;
    }

    private static void Validate(
        IReadOnlyList<(string Name, WeightLayer Layer)> layers, Dictionary<string, BlockPrecision> chosen, ActivationCalibration? calibration)
    {
        foreach (var (name, layer) in layers.Where(layer => chosen.ContainsKey(layer.Name)))
        {
            if (layer.IsQuantized)
            {
                throw new InvalidOperationException($"Layer \"{name}\" is quantized already; a block is quantized once. Start from a clone of the float network.");
            }

            if (chosen[name].ActivationBits.IsFloat)
            {
                continue;
            }

            _ = (calibration ?? throw new ArgumentException(
                $"The input of layer \"{name}\" is to have {chosen[name].ActivationBits} bits but no calibration is given; pass ActivationCalibration.Of(network, batches).",
                nameof(calibration)))[name];
        }
    }

    /// <summary>The quantizers of all chosen layers, before the first is attached: a network is quantized as it was asked or not at all.</summary>
    private static List<LayerQuantizers> Made(
        IReadOnlyList<(string Name, WeightLayer Layer)> layers, Dictionary<string, BlockPrecision> chosen, QuantizationScheme scheme, ActivationCalibration? calibration)
    {
        var made = new List<LayerQuantizers>();
        try
        {
            foreach (var (name, layer) in layers.Where(layer => chosen.ContainsKey(layer.Name)))
            {
                made.Add(LayerQuantizers.Of(name, layer, chosen[name], scheme, calibration));
            }

            return made;
        }
        catch
        {
            made.ForEach(quantizers => quantizers.Dispose());
            throw;
        }
    }

    private static LayerQuantization Told(string name, WeightLayer layer, bool isChosen, QuantizationScheme scheme)
    {
        var now = LayerQuantization.Of(name, layer, scheme);
        return isChosen ? now : now with { Note = layer.IsQuantized ? "quantized earlier" : "not chosen" };
    }
}
