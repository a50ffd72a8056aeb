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

    /// <summary>All tensors of a file. They belong to the caller's dispose scope; where the file is damaged, none is left.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static Dictionary<string, Tensor> Read(string path)
    {
        using var scope = NewDisposeScope();
        using var file = File.OpenRead(path);
        var (header, start) = ReadHeader(file, path);
        var tensors = new Dictionary<string, Tensor>();
        var unread = file.Length - start; // tensors do not share bytes, so that the file's length bounds what is read
        foreach (var (name, entry) in header)
        {
            if (name != SafetensorsHeader.MetadataKey)
            {
                tensors[name] = ReadTensor(file, start, name, entry, path);
                unread -= tensors[name].numel() * tensors[name].element_size();
                if (unread < 0)
                {
                    throw Damaged(path, $"at \"{name}\" its tensors claim more bytes than it has");
                }
            }
        }

        tensors.Values.ToList().ForEach(tensor => tensor.MoveToOuterDisposeScope());
        return tensors;
    }

    /// <summary>The free text pairs of the header, without the tensors.</summary>
    public static IReadOnlyDictionary<string, string> ReadMetadata(string path)
    {
        using var file = File.OpenRead(path);
        try
        {
            return ReadHeader(file, path).Header[SafetensorsHeader.MetadataKey]?.Deserialize<Dictionary<string, string>>() ?? [];
        }
        catch (JsonException error)
        {
            throw Damaged(path, $"its {SafetensorsHeader.MetadataKey} is no set of texts ({error.Message})");
        }
    }

    /// <summary>Writes a file whole or not at all. Tensors go to it one after the other, so that no second copy of all is held.</summary>
    /// <exception cref="ArgumentException">A tensor has a type that the format lacks, or more bytes than are read back.</exception>
    public static void Write(string path, IEnumerable<(string Name, Tensor Value)> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var all = tensors.ToList();
        var (start, length) = SafetensorsHeader.Of(all, metadata);
        AtomicFile.Write(path, start.Length + length, all, (file, values) =>
        {
            file.Write(start);
            foreach (var (_, value) in values)
            {
                using var scope = NewDisposeScope();
                file.Write(value.detach().cpu().contiguous().bytes);
            }
        });
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
        if (!SafetensorsHeader.Types.TryGetValue(type, out var scalar))
        {
            throw Damaged(path, $"tensor \"{name}\" has type {type}; known are {string.Join(", ", SafetensorsHeader.Types.Keys)}");
        }

        if (begin < 0 || end < begin || end > file.Length - start || end - begin > int.MaxValue)
        {
            throw Damaged(path, $"tensor \"{name}\" lies at bytes {begin} to {end} of {file.Length - start}");
        }

        if (!FileShape.Fits(shape, end - begin))
        {
            throw Damaged(path, $"tensor \"{name}\" of shape [{string.Join(", ", shape)}] does not fit into its {end - begin} bytes");
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
