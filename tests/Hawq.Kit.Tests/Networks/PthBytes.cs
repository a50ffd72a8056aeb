using System.IO.Compression;
using System.Text;

namespace Hawq.Kit.Tests.Networks;

/// <summary>A float tensor that a pickle describes, sound or not. Its storage has key 0.</summary>
internal sealed record PthTensor(string Name, long[] Shape)
{
    /// <summary>0 unless said, so that all numbers are the first one.</summary>
    public long[] Strides { get; init; } = new long[Shape.Length];

    public long Offset { get; init; }

    /// <summary>Numbers that the storage is said to have.</summary>
    public long Count { get; init; } = 1;

    public string Type { get; init; } = "Float";

    /// <summary>Whether the storage is said to be a part of another, as the old format can.</summary>
    public bool IsPart { get; init; }
}

/// <summary>Files as torch.save writes them, and as it does not.</summary>
internal static class PthBytes
{
    private static readonly byte[] Magic = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.'];

    /// <summary>A state dict.</summary>
    public static byte[] Pickle(params IEnumerable<PthTensor> tensors) => [0x80, 2, (byte)'}', .. tensors.SelectMany(Item), (byte)'.'];

    /// <summary>In the zip format; the pickle may be compressed, the storage is not unless said.</summary>
    public static void Zip(string path, byte[] pickle, byte[]? storage = null, CompressionLevel compression = CompressionLevel.NoCompression)
    {
        using var zip = ZipFile.Open(path, ZipArchiveMode.Create);
        Add("archive/data.pkl", pickle, CompressionLevel.Fastest);
        Add("archive/data/0", storage ?? new byte[4], compression);

        void Add(string name, byte[] bytes, CompressionLevel level)
        {
            using var entry = zip.CreateEntry(name, level).Open();
            entry.Write(bytes);
        }
    }

    /// <summary>In the format before 1.6: magic number, protocol version, machine facts, state dict, keys of the storages, each storage.</summary>
    public static void Legacy(string path, byte[] pickle, long count, byte[] storage) => File.WriteAllBytes(path,
    [
        .. Magic, 0x80, 2, (byte)'M', 0xe9, 3, (byte)'.', 0x80, 2, (byte)'}', (byte)'.', .. pickle,
        0x80, 2, (byte)']', .. Text("0"), (byte)'a', (byte)'.', .. BitConverter.GetBytes(count), .. storage,
    ]);

    private static byte[] Item(PthTensor tensor) =>
    [
        .. Text(tensor.Name), .. "ctorch._utils\n_rebuild_tensor_v2\n(("u8, .. Text("storage"), .. Encoding.ASCII.GetBytes($"ctorch\n{tensor.Type}Storage\n"),
        .. Text("0"), .. Text("cpu"), .. Long(tensor.Count), .. (tensor.IsPart ? Tuple([0, 1]) : "N"u8.ToArray()), (byte)'t', (byte)'Q',
        .. Long(tensor.Offset), .. Tuple(tensor.Shape), .. Tuple(tensor.Strides), (byte)'t', (byte)'R', (byte)'s',
    ];

    private static byte[] Text(string text) => [(byte)'X', .. BitConverter.GetBytes(text.Length), .. Encoding.UTF8.GetBytes(text)];

    private static byte[] Long(long number) => [0x8a, 8, .. BitConverter.GetBytes(number)];

    private static byte[] Tuple(long[] numbers) => [(byte)'(', .. numbers.SelectMany(Long), (byte)'t'];
}
