using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>‖Q(a) − a‖², the squared 2-norm over the input of a layer for one sample, as a mean over samples.</summary>
internal static class ActivationError
{
    /// <summary>By layer, one number for each bit width.</summary>
    /// <param name="network">The float network.</param>
    /// <param name="batches">The samples, one batch in memory at a time.</param>
    /// <param name="calibration">Ranges of the inputs.</param>
    /// <param name="bits">The bit widths.</param>
    /// <param name="scheme">How inputs are quantized.</param>
    public static IReadOnlyDictionary<string, double[]> Of(
        Network network, IEnumerable<Batch> batches, ActivationCalibration calibration, IReadOnlyList<BitWidth> bits, QuantizationScheme scheme)
    {
        using var state = new ModelState(network);
        using var _ = no_grad();
        network.eval();
        var sums = calibration.Ranges.ToDictionary(range => range.Layer, _ => new double[bits.Count]);
        var layers = network.WeightLayers().Where(layer => sums.ContainsKey(layer.Name)).ToList();
        var quantizers = layers.ToDictionary(layer => layer.Name, layer => bits
            .Select(width => width.IsFloat ? null : new ActivationFakeQuantizer(calibration[layer.Name], width, scheme, layer.Layer.Weight.device)).ToList());
        var all = quantizers.Values.SelectMany(list => list).OfType<ActivationFakeQuantizer>().ToList();
        all.ForEach(quantizer => quantizer.eval()); // a learned basis stays as it is
        var hooks = layers.Select(layer => layer.Layer.register_forward_pre_hook((_, input) => Add(input, quantizers[layer.Name], sums[layer.Name]))).ToList();
        try
        {
            var count = 0L;
            foreach (var batch in batches)
            {
                NotebookEngine.ThrowIfInterrupted();
                using var scope = NewDisposeScope();
                network.call(batch.Inputs);
                count += batch.Size;
            }

            return sums.ToDictionary(pair => pair.Key, pair => pair.Value.Select(sum => sum / count).ToArray());
        }
        finally
        {
            hooks.ForEach(hook => hook.remove());
            all.ForEach(quantizer => quantizer.Dispose());
        }
    }

    private static Tensor Add(Tensor input, List<ActivationFakeQuantizer?> quantizers, double[] sums)
    {
        using var scope = NewDisposeScope();
        for (var k = 0; k < sums.Length; k++)
        {
            sums[k] += quantizers[k] is { } quantizer ? (quantizer.call(input) - input).pow(2).sum(ScalarType.Float64).item<double>() : 0;
        }

        return input;
    }
}
