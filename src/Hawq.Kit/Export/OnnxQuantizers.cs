using static TorchSharp.torch;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Hawq.Kit;

/// <summary>The quantizers of a layer as operations of ONNX.</summary>
internal static class OnnxQuantizers
{
    /// <summary>Q(x), or x where the input stays float.</summary>
    public static string Input(OnnxGraph graph, string layer, nn.Module? quantizer, string input)
    {
        if (quantizer is null)
        {
            return input;
        }

        var known = quantizer as ActivationFakeQuantizer ?? throw Unknown(layer, "input", quantizer);
        var name = $"{layer}.input";
        if (known.Method == ActivationMethod.LearnedBasis)
        {
            return OnLevels(graph, name, input, new LevelRows(known.get_buffer("basis")!, isSigned: false).Sets[0]);
        }

        using var grid = known.Grid();
        return OnGrid(graph, name, input, grid.Scale.item<float>(), (int)grid.ZeroPoint.item<float>(), known.Range);
    }

    /// <summary>The weight's values: float numbers, or what its integers stand for.</summary>
    public static string Weight(OnnxGraph graph, string layer, WeightLayer owner)
    {
        var name = $"{layer}.weight";
        if (owner.WeightQuantizer is { } quantizer and not WeightFakeQuantizer)
        {
            throw Unknown(layer, "weight", quantizer);
        }

        var integers = IntegerWeight.Of(layer, owner);
        return integers is null ? graph.Constant(OnnxTensors.Floats(name, owner.Weight.ToFloats(), owner.Weight.shape))
            : integers.Form.HasBasis ? OnLevels(graph, name, integers)
            : OnGrid(graph, name, integers);
    }

    private static string OnGrid(OnnxGraph graph, string name, string input, float scale, int zero, IntegerRange range)
    {
        var type = range.Lowest < 0 ? DataType.Int8 : DataType.Uint8;
        var (lowest, highest) = type == DataType.Int8 ? ((int)sbyte.MinValue, (int)sbyte.MaxValue) : (byte.MinValue, byte.MaxValue);
        string[] grid = [graph.Constant(OnnxTensors.Floats($"{name}.scale", [scale])), Integer("zero_point", zero)];
        var integers = graph.Node("QuantizeLinear", $"{name}.quantized", [input, .. grid]);
        if (range.Lowest > lowest || range.Highest < highest)
        {
            integers = graph.Node("Clip", $"{name}.clipped", [integers, Integer("lowest", (int)range.Lowest), Integer("highest", (int)range.Highest)]);
        }

        return graph.Node("DequantizeLinear", name, [integers, .. grid]);

        string Integer(string part, int value) => graph.Constant(OnnxTensors.Integers($"{name}.{part}", type, [value]));
    }

    /// <summary>The lowest level, and each next one where x is above the threshold before it.</summary>
    private static string OnLevels(OnnxGraph graph, string name, string input, LevelSet set)
    {
        var value = Number($"{name}.level", set.Levels[0]);
        for (var k = 0; k < set.Thresholds.Length; k++)
        {
            var above = graph.Node("Greater", $"{name}.above", [input, Number($"{name}.threshold_{k}", set.Thresholds[k])]);
            value = graph.Node("Where", name, [above, Number($"{name}.level_{k + 1}", set.Levels[k + 1]), value]);
        }

        return value;

        string Number(string part, float number) => graph.Constant(OnnxTensors.Floats(part, [number]));
    }

    /// <remarks>Where the real value 0 lies half-way between two integers, twice the distance from it is stored, with half the scale: both are exact.</remarks>
    private static string OnGrid(OnnxGraph graph, string name, IntegerWeight weight)
    {
        var isWhole = weight.ZeroPoint.All(float.IsInteger);
        var (rows, size) = (weight.Scale.Length, weight.Codes.Length / weight.Scale.Length);
        var zeros = weight.ZeroPoint.Select(zero => isWhole ? (int)zero : 0).ToArray();
        var values = weight.Codes.Select((code, k) =>
        {
            var integer = (int)(weight.Form.Lowest + (weight.Form.Stride * code));
            return isWhole ? integer : (int)(2 * (integer - weight.ZeroPoint[k / size]));
        }).ToArray();
        var type = OnnxTensors.Narrowest(values.Concat(zeros));
        long[] sizes = rows == 1 ? [] : [rows];
        return graph.Node("DequantizeLinear", name,
        [
            graph.Constant(OnnxTensors.Integers($"{name}.integers", type, values, weight.Shape)),
            graph.Constant(OnnxTensors.Floats($"{name}.scale", weight.Scale.Select(scale => isWhole ? scale : scale / 2).ToArray(), sizes)),
            graph.Constant(OnnxTensors.Integers($"{name}.zero_point", type, zeros, sizes)),
        ], rows == 1 ? [] : [("axis", -(long)weight.Shape.Length)]); // the first, without a 0
    }

    private static string OnLevels(OnnxGraph graph, string name, IntegerWeight weight)
    {
        var (rows, levels) = (weight.Shape[0], weight.Levels());
        var codes = graph.Constant(OnnxTensors.Integers($"{name}.codes", DataType.Uint8, [.. weight.Codes.Select(code => (int)code)], rows, weight.Codes.Length / rows));
        var table = graph.Constant(OnnxTensors.Floats($"{name}.levels", levels.SelectMany(row => row).ToArray(), rows, levels[0].Length));
        var indices = graph.Node("Cast", $"{name}.indices", [codes], ("to", (long)DataType.Int64));
        var values = graph.Node("GatherElements", $"{name}.values", [table, indices], ("axis", 1L));
        return graph.Node("Reshape", name, [values, graph.Longs($"{name}.shape", weight.Shape)]);
    }

    private static NotSupportedException Unknown(string layer, string part, nn.Module quantizer) => new(
        $"The {part} of layer \"{layer}\" goes through a {quantizer.GetType().Name}; expected a quantizer of the kit, which alone can be written as ONNX.");
}
