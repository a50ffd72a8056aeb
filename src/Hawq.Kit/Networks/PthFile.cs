using System.Buffers.Binary;
using System.IO.Compression;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Reads tensors from files that PyTorch's <c>torch.save</c> wrote, in its zip format and in the one before 1.6.</summary>
/// <remarks>A file's claims are held against its length before memory is taken by them.</remarks>
internal static class PthFile
{
    private const int MostTimes = 16; // tensors that share a storage may together have more bytes than the file
    private const long LeastLength = 1 << 20; // so that a small file may share as it likes
    private static readonly string[] StateKeys = ["state_dict", "model", "net"];

    /// <summary>All tensors of a file. They belong to the caller's dispose scope; where the file is damaged, none is left.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or more than tensors and plain containers.</exception>
    public static Dictionary<string, Tensor> Read(string path)
    {
        using var scope = NewDisposeScope();
        try
        {
            using var file = File.OpenRead(path);
            Span<byte> magic = stackalloc byte[2];
            file.ReadExactly(magic);
            file.Position = 0;
            var tensors = magic.SequenceEqual("PK"u8) ? ReadZip(file) : ReadLegacy(file);
            tensors.Values.ToList().ForEach(tensor => tensor.MoveToOuterDisposeScope());
            return tensors;
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or KeyNotFoundException
            or ArgumentException or InvalidCastException or OverflowException)
        {
            throw new InvalidDataException($"\"{path}\" could not be read as a PyTorch checkpoint: {error.Message.TrimEnd('.')}.", error);
        }
    }

    private static Dictionary<string, Tensor> ReadZip(FileStream file)
    {
        using var zip = new ZipArchive(file, ZipArchiveMode.Read);
        var pickle = zip.Entries.FirstOrDefault(entry => entry.FullName.EndsWith("/data.pkl", StringComparison.Ordinal))
            ?? throw new InvalidDataException("the zip holds no data.pkl");
        Unpickler.RequireRoom(pickle.Length);
        var folder = pickle.FullName[..^"data.pkl".Length];
        using var stream = pickle.Open();
        var root = new Unpickler(new BufferedStream(stream), new PickledStorages().Refer).Load();
        var (read, left) = (new Dictionary<string, byte[]>(), file.Length);
        return Tensors(root, file.Length, storage =>
        {
            if (!read.TryGetValue(storage.Key, out var bytes))
            {
                var entry = zip.GetEntry($"{folder}data/{storage.Key}") ?? throw new InvalidDataException($"the zip lacks storage {storage.Key}");
                RequireStored(entry, storage, left);
                left -= storage.Size(); // entries of a zip might lie over one another
                using var data = entry.Open();
                read[storage.Key] = bytes = Exactly(data, storage.Size());
            }

            return bytes;
        });
    }

    private static Dictionary<string, Tensor> ReadLegacy(FileStream file)
    {
        var storages = new PickledStorages();
        if (new Unpickler(file, storages.Refer).Load() is not System.Numerics.BigInteger)
        {
            throw new InvalidDataException("it does not start with PyTorch's magic number");
        }

        _ = new Unpickler(file, storages.Refer).Load(); // protocol version
        _ = new Unpickler(file, storages.Refer).Load(); // machine facts
        var root = new Unpickler(file, storages.Refer).Load();
        var keys = new Unpickler(file, storages.Refer).Load() as List<object?> ?? throw new InvalidDataException("it has no list of storages");
        var data = new Dictionary<string, byte[]>();
        foreach (var key in keys.Cast<string>())
        {
            var (storage, count) = (storages[key], BinaryPrimitives.ReadInt64LittleEndian(Exactly(file, 8)));
            if (count != storage.Count || storage.Size() > file.Length - file.Position)
            {
                throw new InvalidDataException(
                    $"storage {key} has {count} numbers; expected {storage.Count} in {storage.Size()} bytes, of which {file.Length - file.Position} are left in the file");
            }

            data[key] = Exactly(file, storage.Size());
        }

        return Tensors(root, file.Length, storage => data[storage.Key]);
    }

    private static Dictionary<string, Tensor> Tensors(object? root, long length, Func<PickledStorage, byte[]> bytesOf)
    {
        var state = root as Dictionary<object, object?> ?? throw new InvalidDataException("it holds no dictionary of tensors");
        var inner = StateKeys.Select(key => state.GetValueOrDefault(key)).OfType<Dictionary<object, object?>>().FirstOrDefault() ?? state;
        var tensors = new Dictionary<string, Tensor>();
        var room = MostTimes * Math.Max(length, LeastLength);
        foreach (var (name, value) in inner)
        {
            if (name is string text && value is PickledTensor pickled)
            {
                pickled.RequireSound();
                var bytes = bytesOf(pickled.Storage);
                if ((room -= pickled.Size) < 0)
                {
                    throw new InvalidDataException($"its tensors share storages so that together they have more than {MostTimes} times its bytes");
                }

                tensors[text] = pickled.Of(bytes);
            }
        }

        return tensors;
    }

    /// <summary><c>torch.save</c> never compresses, so that a storage lies in the zip byte by byte: its claims are those of the file's length.</summary>
    /// <exception cref="InvalidDataException">The entry has not the bytes of the storage, or more than are left of the file.</exception>
    private static void RequireStored(ZipArchiveEntry entry, PickledStorage storage, long left)
    {
        if (entry.Length != storage.Size() || entry.CompressedLength != entry.Length || entry.Length > left)
        {
            throw new InvalidDataException(
                $"storage {storage.Key} has {entry.Length} bytes in {entry.CompressedLength} of the zip; expected {storage.Size()}, not compressed, " +
                $"and {left} at most, since that is what other storages leave of the file. Load and save it once with PyTorch");
        }
    }

    private static byte[] Exactly(Stream stream, int count)
    {
        var bytes = new byte[count];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
