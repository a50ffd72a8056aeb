using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>The start of a safetensors file: the length of its JSON, and the JSON, which names type, shape and place of each tensor.</summary>
internal static class SafetensorsHeader
{
    public const string MetadataKey = "__metadata__";

    public static IReadOnlyDictionary<string, ScalarType> Types { get; } = new Dictionary<string, ScalarType>
    {
        ["F32"] = ScalarType.Float32,
        ["F64"] = ScalarType.Float64,
        ["F16"] = ScalarType.Float16,
        ["BF16"] = ScalarType.BFloat16,
        ["I64"] = ScalarType.Int64,
        ["I32"] = ScalarType.Int32,
        ["U8"] = ScalarType.Byte,
        ["I8"] = ScalarType.Int8,
        ["BOOL"] = ScalarType.Bool,
    };

    /// <summary>The start of a file whose tensors lie one after the other, and how many bytes these have together.</summary>
    /// <exception cref="ArgumentException">A tensor has a type that the format lacks, or more bytes than are read back.</exception>
    public static (byte[] Start, long Length) Of(IReadOnlyList<(string Name, Tensor Value)> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var header = new JsonObject();
        if (metadata is { Count: > 0 })
        {
            header[MetadataKey] = JsonSerializer.SerializeToNode(metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary());
        }

        var end = 0L;
        foreach (var (name, value) in tensors)
        {
            var begin = end;
            end += Size(name, value);
            header[name] = new JsonObject
            {
                ["dtype"] = TypeOf(name, value),
                ["shape"] = new JsonArray([.. value.shape.Select(size => (JsonNode)size)]),
                ["data_offsets"] = new JsonArray(begin, end),
            };
        }

        return (Padded(JsonSerializer.SerializeToUtf8Bytes(header)), end);
    }

    /// <summary>Blanks after the JSON make numbers start at a multiple of 8 bytes.</summary>
    private static byte[] Padded(byte[] json)
    {
        var padded = (json.Length + 7) / 8 * 8;
        var start = new byte[8 + padded];
        BinaryPrimitives.WriteInt64LittleEndian(start, padded);
        start.AsSpan(8).Fill((byte)' ');
        json.CopyTo(start, 8);
        return start;
    }

    private static string TypeOf(string name, Tensor value) =>
        Types.FirstOrDefault(type => type.Value == value.dtype).Key ?? throw new ArgumentException(
            $"Tensor \"{name}\" has type {value.dtype}; expected one of {string.Join(", ", Types.Values)}. Convert it first.", nameof(value));

    private static long Size(string name, Tensor value)
    {
        var bytes = value.numel() * value.element_size();
        return bytes <= int.MaxValue ? bytes : throw new ArgumentException(
            $"Tensor \"{name}\" has {bytes} bytes; expected at most {int.MaxValue}, since no more is read back. Save it in parts.", nameof(value));
    }
}
