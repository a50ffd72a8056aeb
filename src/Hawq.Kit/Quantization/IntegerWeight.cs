using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>A quantized weight as integers: one code a value, in the weight's order, and the numbers that turn codes into real values.</summary>
/// <remarks>On a grid, code c of output channel r stands for s_r · (lowest + stride · c − z_r); with a basis for the c-th level of that channel.</remarks>
internal sealed class IntegerWeight : IWeightCodes
{
    private const string CodesName = ".codes";
    private const string ScaleName = ".scale";
    private const string ZeroPointName = ".zero_point";
    private const string BasisName = ".basis";

    private IntegerWeight(PackedWeight form, long[] shape) => (Form, Shape) = (form, shape);

    /// <summary>Bits, and what the codes stand for.</summary>
    public PackedWeight Form { get; }

    /// <summary>The weight's shape, (C_out, …).</summary>
    public long[] Shape { get; }

    /// <summary>Each 0 to 2^b − 1.</summary>
    public required byte[] Codes { get; init; }

    /// <summary>s of each output channel, or the one of all; empty with a basis.</summary>
    public float[] Scale { get; private init; } = [];

    /// <summary>z, likewise.</summary>
    public float[] ZeroPoint { get; private init; } = [];

    /// <summary>(C_out, b) numbers of the bases; empty on a grid.</summary>
    public float[] Basis { get; private init; } = [];

    /// <summary>The integers of a layer's weight: by its quantizer, which learns nothing from it, or those that it was loaded from; <see langword="null"/> if it is float.</summary>
    /// <exception cref="InvalidOperationException">A value is not finite, or the weight is no longer the one that was loaded.</exception>
    public static IntegerWeight? Of(string name, WeightLayer layer)
    {
        if (layer.WeightQuantizer is WeightFakeQuantizer quantizer)
        {
            return Of(layer.Weight, quantizer) ?? throw new InvalidOperationException(
                $"The quantized weight of layer \"{name}\" holds NaN or infinity; expected finite numbers. Check the training run.");
        }

        if (layer.Codes is not IntegerWeight loaded)
        {
            return null;
        }

        using var scope = NewDisposeScope();
        return loaded.Values().eq(layer.Weight.detach().cpu()).all().item<bool>() ? loaded : throw new InvalidOperationException(
            $"The weight of layer \"{name}\" was changed after LoadQuantized, so its integers are not known any more. Load the file once more.");
    }

    /// <summary>The levels of a learned basis, ascending, of each output channel.</summary>
    public float[][] Levels() => LevelsOf(tensor(Basis).reshape(Shape[0], Form.Bits));

    /// <summary>The real values, of the weight's shape, on the CPU.</summary>
    public Tensor Values()
    {
        using var scope = NewDisposeScope();
        var codes = tensor(Codes).to(ScalarType.Int64).reshape(Shape[0], -1);
        if (Form.HasBasis)
        {
            return tensor(Levels().SelectMany(row => row).ToArray()).reshape(Shape[0], -1).gather(1, codes).reshape(Shape).MoveToOuterDisposeScope();
        }

        var range = new IntegerRange(Form.Lowest, Form.Lowest + (Form.Stride * ((1 << Form.Bits) - 1)));
        using var grid = new QuantizationGrid(tensor(Scale).reshape(-1, 1), tensor(ZeroPoint).reshape(-1, 1), range);
        return grid.Dequantize(codes.mul(Form.Stride).add(Form.Lowest)).reshape(Shape).MoveToOuterDisposeScope();
    }

    /// <summary>The tensors to store, under names that start with the weight's.</summary>
    public IEnumerable<(string Name, Tensor Value)> Stored(string name)
    {
        yield return (name + CodesName, tensor(PackedWeight.Pack(Codes, Form.Bits)));
        if (Form.HasBasis)
        {
            yield return (name + BasisName, tensor(Basis).reshape(Shape[0], Form.Bits));
            yield break;
        }

        yield return (name + ScaleName, tensor(Scale));
        yield return (name + ZeroPointName, tensor(ZeroPoint));
    }

    /// <summary>Takes the stored tensors out of a file's.</summary>
    /// <param name="form">How the file's header says that they are stored.</param>
    /// <param name="name">Name of the weight.</param>
    /// <param name="shape">Its shape in the network.</param>
    /// <param name="tensors">The file's tensors; the stored ones are removed.</param>
    /// <exception cref="InvalidDataException">They are missing or do not fit the shape.</exception>
    public static IntegerWeight Taken(PackedWeight form, string name, long[] shape, Dictionary<string, Tensor> tensors)
    {
        var count = shape.Aggregate(1L, (product, size) => product * size);
        var packed = Taken(name + CodesName, tensors, ScalarType.Byte, [PackedWeight.BytesOf(count, form.Bits)]).data<byte>().ToArray();
        var codes = PackedWeight.Unpack(packed, form.Bits, count);
        if (form.HasBasis)
        {
            var basis = Numbers(name + BasisName, [shape[0], form.Bits]);
            return basis.All(float.IsFinite)
                ? new(form, shape) { Codes = codes, Basis = basis }
                : throw new InvalidDataException($"The basis of \"{name}\" is damaged: expected finite numbers. Get the file again.");
        }

        var rows = tensors.TryGetValue(name + ScaleName, out var stored) && stored.numel() == 1 ? 1 : shape[0];
        var (scale, zero) = (Numbers(name + ScaleName, [rows]), Numbers(name + ZeroPointName, [rows]));
        return scale.All(s => s > 0 && float.IsFinite(s)) && zero.All(z => Math.Abs(z) <= 256 && float.IsInteger(2 * z))
            ? new(form, shape) { Codes = codes, Scale = scale, ZeroPoint = zero }
            : throw new InvalidDataException($"The grid of \"{name}\" is damaged: expected finite scales above 0 and zero points that are halves of whole numbers up to 256. Get the file again.");

        float[] Numbers(string part, long[] sizes) => Taken(part, tensors, ScalarType.Float32, sizes).data<float>().ToArray();
    }

    private static IntegerWeight? Of(Tensor weight, WeightFakeQuantizer quantizer)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (bits, wasTraining) = (quantizer.Bits.Value, quantizer.training);
        quantizer.eval();
        var snapped = quantizer.call(weight);
        quantizer.train(wasTraining);
        if (!snapped.isfinite().all().item<bool>())
        {
            return null;
        }

        if (quantizer.Scheme.Weights == WeightMethod.LearnedBasis)
        {
            var basis = quantizer.get_buffer("basis")!;
            return new(new(bits, 0, 1, true), weight.shape) { Codes = LevelNumbers(snapped, LevelsOf(basis)), Basis = basis.ToFloats() };
        }

        using var grid = quantizer.GridOf(weight);
        var stride = grid.Range.IsBinary ? 2 : 1;
        var codes = grid.Quantize(snapped).sub_(grid.Range.Lowest).floor_divide(stride);
        return new(new(bits, grid.Range.Lowest, stride, false), weight.shape)
        {
            Codes = codes.to(ScalarType.Byte).cpu().contiguous().data<byte>().ToArray(),
            Scale = grid.Scale.ToFloats(),
            ZeroPoint = grid.ZeroPoint.ToFloats(),
        };
    }

    private static float[][] LevelsOf(Tensor basis) => [.. new LevelRows(basis, isSigned: true).Sets.Select(set => set.Levels)];

    private static byte[] LevelNumbers(Tensor snapped, float[][] levels)
    {
        var values = snapped.ToFloats();
        var size = values.Length / levels.Length;
        return [.. values.Select((value, k) => (byte)Array.IndexOf(levels[k / size], value))];
    }

    private static Tensor Taken(string name, Dictionary<string, Tensor> tensors, ScalarType type, long[] shape)
    {
        if (!tensors.Remove(name, out var value) || value.dtype != type || !value.shape.SequenceEqual(shape))
        {
            throw new InvalidDataException(
                $"Tensor \"{name}\" is {(value is null ? "missing" : $"{value.dtype} [{string.Join(", ", value.shape)}]")}; " +
                $"expected {type} [{string.Join(", ", shape)}]. Make the network that the file was saved from.");
        }

        return value;
    }
}
