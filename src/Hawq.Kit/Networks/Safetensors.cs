using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>The safetensors format: 8 bytes header length, a JSON header with type, shape and place of each tensor, raw data.</summary>
internal static class Safetensors
{
    private const int LargestHeader = 100 << 20; // the format's own bound
    private const string MetadataKey = "__metadata__";

    private static readonly Dictionary<string, ScalarType> Types = new()
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

    public static Dictionary<string, Tensor> Read(string path)
    {
        using var file = File.OpenRead(path);
        var (header, start) = ReadHeader(file, path);
        var tensors = new Dictionary<string, Tensor>();
        var unread = file.Length - start; // tensors do not share bytes, so that the file's length bounds what is read
        foreach (var (name, entry) in header)
        {
            if (name != MetadataKey)
            {
                tensors[name] = ReadTensor(file, start, name, entry, path);
                unread -= tensors[name].numel() * tensors[name].element_size();
                if (unread < 0)
                {
                    throw Damaged(path, $"at \"{name}\" its tensors claim more bytes than it has");
                }
            }
        }

        return tensors;
    }

    /// <summary>The free text pairs of the header, without the tensors.</summary>
    public static IReadOnlyDictionary<string, string> ReadMetadata(string path)
    {
        using var file = File.OpenRead(path);
        try
        {
            return ReadHeader(file, path).Header[MetadataKey]?.Deserialize<Dictionary<string, string>>() ?? [];
        }
        catch (JsonException error)
        {
            throw Damaged(path, $"its {MetadataKey} is no set of texts ({error.Message})");
        }
    }

    public static void Write(string path, IEnumerable<(string Name, Tensor Value)> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var header = new JsonObject();
        if (metadata is { Count: > 0 })
        {
            header[MetadataKey] = JsonSerializer.SerializeToNode(metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary());
        }

        var data = new MemoryStream();
        foreach (var (name, value) in tensors)
        {
            using var plain = value.detach().cpu().contiguous();
            var begin = data.Length;
            data.Write(plain.bytes);
            header[name] = new JsonObject
            {
                ["dtype"] = Types.Single(type => type.Value == plain.dtype).Key,
                ["shape"] = new JsonArray([.. plain.shape.Select(size => (JsonNode)size)]),
                ["data_offsets"] = new JsonArray(begin, data.Length),
            };
        }

        var json = JsonSerializer.SerializeToUtf8Bytes(header);
        var padded = (json.Length + 7) / 8 * 8;
        var bytes = new byte[8 + padded + data.Length];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, padded);
        bytes.AsSpan(8, padded).Fill((byte)' ');
        json.CopyTo(bytes, 8);
        data.ToArray().CopyTo(bytes, 8 + padded);
        AtomicFile.Write(path, bytes);
    }

    private static (JsonObject Header, long Start) ReadHeader(FileStream file, string path)
    {
        try
        {
            Span<byte> prefix = stackalloc byte[8];
            file.ReadExactly(prefix);
            var length = BinaryPrimitives.ReadInt64LittleEndian(prefix);
            if (length is < 2 or > LargestHeader || length > file.Length - 8)
            {
                throw Damaged(path, $"its header claims {length} bytes of {file.Length}");
            }

            var json = new byte[length];
            file.ReadExactly(json);
            return (JsonNode.Parse(json, null, new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject
                ?? throw Damaged(path, "its header is no JSON object"), 8 + length);
        }
        catch (Exception error) when (error is JsonException or EndOfStreamException or InvalidOperationException)
        {
            throw Damaged(path, error.Message);
        }
    }

    private static Tensor ReadTensor(FileStream file, long start, string name, JsonNode? entry, string path)
    {
        var (type, shape, begin, end) = ReadEntry(name, entry, path);
        if (!Types.TryGetValue(type, out var scalar))
        {
            throw Damaged(path, $"tensor \"{name}\" has type {type}; known are {string.Join(", ", Types.Keys)}");
        }

        if (begin < 0 || end < begin || end > file.Length - start || shape.Any(size => size < 0) || end - begin > int.MaxValue)
        {
            throw Damaged(path, $"tensor \"{name}\" lies at bytes {begin} to {end} of {file.Length - start}");
        }

        if (shape.Aggregate(System.Numerics.BigInteger.One, (product, size) => product * size) > end - begin)
        {
            throw Damaged(path, $"tensor \"{name}\" of shape [{string.Join(", ", shape)}] has only {end - begin} bytes");
        }

        var value = zeros(shape, dtype: scalar);
        var bytes = value.bytes;
        if (bytes.Length != end - begin)
        {
            throw Damaged(path, $"tensor \"{name}\" of shape [{string.Join(", ", shape)}] has {end - begin} bytes; expected {bytes.Length}");
        }

        file.Position = start + begin;
        file.ReadExactly(MemoryMarshal.AsBytes(bytes));
        return value;
    }

    private static (string Type, long[] Shape, long Begin, long End) ReadEntry(string name, JsonNode? entry, string path)
    {
        try
        {
            if (entry is JsonObject &&
                entry["dtype"].Deserialize<string>() is { } type &&
                entry["shape"].Deserialize<long[]>() is { } shape &&
                entry["data_offsets"].Deserialize<long[]>() is [var begin, var end])
            {
                return (type, shape, begin, end);
            }
        }
        catch (JsonException)
        {
            // a value of another kind: told below
        }

        throw Damaged(path, $"tensor \"{name}\" lacks a sound dtype, shape or data_offsets");
    }

    private static InvalidDataException Damaged(string path, string what) =>
        new($"\"{path}\" is no sound safetensors file: {what}. Get the file again.");
}
