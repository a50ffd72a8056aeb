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
    /// <exception cref="ArgumentException">A layer is unknown or named twice, or calibration is missing.</exception>
    /// <exception cref="InvalidOperationException">A chosen layer is quantized already.</exception>
    public static QuantizationReport Quantize(
        Network network, IEnumerable<BlockPrecision> precisions, QuantizationScheme scheme, ActivationCalibration? calibration)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(precisions);
        ArgumentNullException.ThrowIfNull(scheme);
        var layers = network.WeightLayers();
        var chosen = Chosen(precisions, layers);
        Validate(layers, chosen, calibration);
        using var scope = NewDisposeScope();
        return new([.. layers.Select(layer => Apply(layer.Name, layer.Layer, chosen.GetValueOrDefault(layer.Name), scheme, calibration))], scheme);
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

    private static LayerQuantization Apply(
        string name, WeightLayer layer, BlockPrecision? precision, QuantizationScheme scheme, ActivationCalibration? calibration)
    {
        if (precision is null || (precision.WeightBits.IsFloat && precision.ActivationBits.IsFloat))
        {
            var reason = precision is not null ? "stays float: 32 bits" : layer.IsQuantized ? "quantized earlier" : "not chosen";
            return new(name, BitsOfWeight(layer), BitsOfInput(layer), reason);
        }

        var weight = precision.WeightBits.IsFloat ? null : new WeightFakeQuantizer(layer.Weight, precision.WeightBits, scheme);
        var input = precision.ActivationBits.IsFloat
            ? null
            : new ActivationFakeQuantizer(calibration![name], precision.ActivationBits, scheme, layer.Weight.device);
        layer.Attach(weight, input);
        var note = input is not null && input.Method != scheme.Activations ? $"{scheme}; signed input calibrated" : scheme.ToString();
        return new(name, precision.WeightBits, precision.ActivationBits, note);
    }

    private static BitWidth BitsOfWeight(WeightLayer layer) => (layer.WeightQuantizer as WeightFakeQuantizer)?.Bits ?? BitWidth.Float;

    private static BitWidth BitsOfInput(WeightLayer layer) => (layer.InputQuantizer as ActivationFakeQuantizer)?.Bits ?? BitWidth.Float;
}
