namespace Hawq.Kit;

/// <summary>The quantizers of one layer, made and not yet attached.</summary>
internal sealed class LayerQuantizers(WeightLayer layer) : IDisposable
{
    private WeightFakeQuantizer? _weight;
    private ActivationFakeQuantizer? _input;

    /// <summary>Makes the quantizers of a layer.</summary>
    /// <exception cref="ArgumentException">They cannot be made; the message names the layer.</exception>
    public static LayerQuantizers Of(string name, WeightLayer layer, BlockPrecision precision, QuantizationScheme scheme, ActivationCalibration? calibration)
    {
        var made = new LayerQuantizers(layer);
        try
        {
            made._weight = precision.WeightBits.IsFloat ? null : new(layer.Weight, precision.WeightBits, scheme);
            made._input = precision.ActivationBits.IsFloat ? null : new(calibration![name], precision.ActivationBits, scheme, layer.Weight.device);
            return made;
        }
        catch (ArgumentException error)
        {
            made.Dispose();
            throw new ArgumentException(
                $"Layer \"{name}\" was to have weights of {precision.WeightBits} bits and inputs of {precision.ActivationBits} by {scheme}. {error.Message}", error);
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    /// <summary>Gives them to the layer, which owns them from then on.</summary>
    public void Attach() => layer.Attach(_weight, _input);

    public void Dispose()
    {
        _weight?.Dispose();
        _input?.Dispose();
    }
}
