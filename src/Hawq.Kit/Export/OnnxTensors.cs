using System.Runtime.InteropServices;
using Google.Protobuf;
using Onnx;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Hawq.Kit;

/// <summary>Constants of an ONNX graph.</summary>
internal static class OnnxTensors
{
    /// <summary>float32 numbers; no sizes make a scalar.</summary>
    public static TensorProto Floats(string name, ReadOnlySpan<float> values, params long[] sizes) => Of(name, DataType.Float, MemoryMarshal.AsBytes(values), sizes);

    /// <summary>int64 numbers.</summary>
    public static TensorProto Longs(string name, params long[] values) => Of(name, DataType.Int64, MemoryMarshal.AsBytes(values.AsSpan()), values.Length);

    /// <summary>Integers of a given type, of 4, 8 or 16 bits.</summary>
    public static TensorProto Integers(string name, DataType type, IReadOnlyList<int> values, params long[] sizes) => Of(name, type, type switch
    {
        DataType.Uint4 or DataType.Int4 => [.. values.Chunk(2).Select(pair => (byte)((pair[0] & 15) | (pair.Length == 2 ? pair[1] << 4 : 0)))],
        DataType.Uint8 or DataType.Int8 => [.. values.Select(value => (byte)value)],
        _ => MemoryMarshal.AsBytes([.. values.Select(value => (short)value)]),
    }, sizes);

    /// <summary>The narrowest type that holds all of the values.</summary>
    public static DataType Narrowest(IEnumerable<int> values)
    {
        var (low, high) = values.Aggregate((Low: 0, High: 0), (ends, value) => (Math.Min(ends.Low, value), Math.Max(ends.High, value)));
        return low == 0 && high <= 15 ? DataType.Uint4
            : low >= -8 && high <= 7 ? DataType.Int4
            : low == 0 && high <= 255 ? DataType.Uint8
            : low >= -128 && high <= 127 ? DataType.Int8
            : DataType.Int16;
    }

    private static TensorProto Of(string name, DataType type, ReadOnlySpan<byte> bytes, params long[] sizes) =>
        new() { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(bytes), Dims = { sizes } };
}
