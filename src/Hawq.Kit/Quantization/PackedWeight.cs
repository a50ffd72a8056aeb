using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>A quantized weight as it is stored: b bits a value, and what turns them back into real values.</summary>
/// <param name="Bits">b.</param>
/// <param name="Lowest">The integer that code 0 stands for.</param>
/// <param name="Stride">The integers from one code to the next: 2 for {−1, 1}, else 1.</param>
/// <param name="HasBasis">Whether the codes are the ascending levels of a learned basis; else of a uniform grid.</param>
internal sealed record PackedWeight(int Bits, long Lowest, long Stride, bool HasBasis)
{
    private const string Codes = ".codes";
    private const string Scale = ".scale";
    private const string ZeroPoint = ".zero_point";
    private const string Basis = ".basis";

    /// <summary>Packs Q(W), and gives the tensors to store under names that start with the weight's.</summary>
    public static (PackedWeight Form, List<(string Name, Tensor Value)> Tensors) Of(string name, Tensor weight, WeightFakeQuantizer quantizer)
    {
        var bits = quantizer.Bits.Value;
        if (quantizer.Scheme.Weights == WeightMethod.LearnedBasis)
        {
            var basis = quantizer.get_buffer("basis")!;
            return (new(bits, 0, 1, true), [(name + Codes, Pack(LevelNumbers(quantizer.call(weight), basis), bits)), (name + Basis, basis)]);
        }

        var grid = quantizer.GridOf(weight);
        var stride = grid.Range.IsBinary ? 2 : 1;
        var codes = grid.Quantize(quantizer.call(weight)).sub_(grid.Range.Lowest).floor_divide(stride);
        return (new(bits, grid.Range.Lowest, stride, false),
            [(name + Codes, Pack(codes, bits)), (name + Scale, grid.Scale.reshape(-1)), (name + ZeroPoint, grid.ZeroPoint.reshape(-1))]);
    }

    /// <summary>Takes the stored tensors out of a file's, and gives the real values.</summary>
    /// <param name="name">Name of the weight.</param>
    /// <param name="shape">Its shape in the network.</param>
    /// <param name="tensors">The file's tensors; the stored ones are removed.</param>
    /// <exception cref="InvalidDataException">They are missing or do not fit the shape.</exception>
    public Tensor Unpacked(string name, long[] shape, Dictionary<string, Tensor> tensors)
    {
        var count = shape.Aggregate(1L, (product, size) => product * size);
        var codes = Unpack(Taken(name + Codes, tensors, ScalarType.Byte, [((count * Bits) + 7) / 8]), Bits, count).reshape(shape[0], -1);
        if (HasBasis)
        {
            var levels = new LevelRows(Taken(name + Basis, tensors, ScalarType.Float32, [shape[0], Bits]), isSigned: true).Sets.SelectMany(set => set.Levels);
            return tensor(levels.ToArray()).reshape(shape[0], -1).gather(1, codes).reshape(shape);
        }

        var rows = tensors.TryGetValue(name + Scale, out var stored) && stored.numel() == 1 ? 1 : shape[0];
        var scale = Taken(name + Scale, tensors, ScalarType.Float32, [rows]).reshape(-1, 1);
        var zero = Taken(name + ZeroPoint, tensors, ScalarType.Float32, [rows]).reshape(-1, 1);
        using var grid = new QuantizationGrid(scale, zero, new(Lowest, Lowest + (Stride * ((1 << Bits) - 1))));
        return grid.Dequantize(codes.mul(Stride).add(Lowest)).reshape(shape);
    }

    private static Tensor LevelNumbers(Tensor snapped, Tensor basis)
    {
        var sets = new LevelRows(basis, isSigned: true).Sets;
        var rows = snapped.cpu().reshape(sets.Count, -1).data<float>().ToArray();
        var size = rows.Length / sets.Count;
        return tensor(rows.Select((value, k) => (long)Array.IndexOf(sets[k / size].Levels, value)).ToArray());
    }

    /// <summary>The first code in the lowest bits of the first byte, and so on without gaps.</summary>
    private static Tensor Pack(Tensor codes, int bits)
    {
        var values = codes.cpu().reshape(-1).data<long>().ToArray();
        var bytes = new byte[((values.Length * (long)bits) + 7) / 8];
        for (long k = 0, place = 0; k < values.Length; k++)
        {
            for (var bit = 0; bit < bits; bit++, place++)
            {
                bytes[place / 8] |= (byte)(((values[k] >> bit) & 1) << (int)(place % 8));
            }
        }

        return tensor(bytes);
    }

    private static Tensor Unpack(Tensor packed, int bits, long count)
    {
        var (bytes, values) = (packed.data<byte>().ToArray(), new long[count]);
        for (long k = 0, place = 0; k < count; k++)
        {
            for (var bit = 0; bit < bits; bit++, place++)
            {
                values[k] |= (long)((bytes[place / 8] >> (int)(place % 8)) & 1) << bit;
            }
        }

        return tensor(values);
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
