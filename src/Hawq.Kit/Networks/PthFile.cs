using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Reads tensors from files that PyTorch's <c>torch.save</c> wrote, in its zip format and in the one before 1.6.</summary>
internal static class PthFile
{
    private const long LargestStorage = 2L << 30;
    private const long LargestFile = 8L << 30; // of all storages, and of all tensors made of them
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

    private static Dictionary<string, Tensor> ReadZip(Stream file)
    {
        using var zip = new ZipArchive(file, ZipArchiveMode.Read);
        var pickle = zip.Entries.FirstOrDefault(entry => entry.FullName.EndsWith("/data.pkl", StringComparison.Ordinal))
            ?? throw new InvalidDataException("the zip holds no data.pkl");
        Unpickler.RequireRoom(pickle.Length);
        var folder = pickle.FullName[..^"data.pkl".Length];
        using var stream = pickle.Open();
        var root = new Unpickler(new BufferedStream(stream), Storage).Load();
        var (read, total) = (new Dictionary<PickledStorage, byte[]>(), 0L); // tensors may share a storage
        return Tensors(root, storage =>
        {
            if (!read.TryGetValue(storage, out var bytes))
            {
                var entry = zip.GetEntry($"{folder}data/{storage.Key}") ?? throw new InvalidDataException($"the zip lacks storage {storage.Key}");
                using var data = entry.Open();
                Bound(total += Size(storage));
                read[storage] = bytes = Exactly(data, Size(storage));
            }

            return bytes;
        });
    }

    private static Dictionary<string, Tensor> ReadLegacy(Stream file)
    {
        if (new Unpickler(file, Storage).Load() is not System.Numerics.BigInteger)
        {
            throw new InvalidDataException("it does not start with PyTorch's magic number");
        }

        _ = new Unpickler(file, Storage).Load(); // protocol version
        _ = new Unpickler(file, Storage).Load(); // machine facts
        var storages = new Dictionary<string, PickledStorage>();
        var root = new Unpickler(file, arguments =>
        {
            var storage = Storage(arguments);
            storages[storage.Key] = storage;
            return storage;
        }).Load();
        var keys = new Unpickler(file, Storage).Load() as List<object?> ?? throw new InvalidDataException("it has no list of storages");
        var data = new Dictionary<string, byte[]>();
        foreach (var key in keys.Cast<string>())
        {
            var count = BinaryPrimitives.ReadInt64LittleEndian(Exactly(file, 8));
            data[key] = count == storages[key].Count
                ? Exactly(file, Size(storages[key]))
                : throw new InvalidDataException($"storage {key} has {count} numbers; expected {storages[key].Count}");
        }

        return Tensors(root, storage => data[storage.Key]);
    }

    private static PickledStorage Storage(IReadOnlyList<object?> arguments) =>
        arguments.Count >= 5 && arguments[0] is "storage" && arguments[1] is PickleGlobal type && arguments[2] is string key && arguments[4] is long count
            ? new PickledStorage(PickleGlobals.StorageType(type), key, count)
            : throw new InvalidDataException("it refers to something else than a storage of numbers");

    private static Dictionary<string, Tensor> Tensors(object? root, Func<PickledStorage, byte[]> bytesOf)
    {
        var state = root as Dictionary<object, object?> ?? throw new InvalidDataException("it holds no dictionary of tensors");
        var inner = StateKeys.Select(key => state.GetValueOrDefault(key)).OfType<Dictionary<object, object?>>().FirstOrDefault() ?? state;
        var tensors = new Dictionary<string, Tensor>();
        var total = 0L;
        foreach (var (name, value) in inner)
        {
            if (name is string text && value is PickledTensor pickled)
            {
                RequireSound(pickled);
                Bound(total += Size(pickled.Storage with { Count = pickled.Shape.Aggregate(1L, (product, size) => product * size) }));
                tensors[text] = Build(pickled, bytesOf(pickled.Storage));
            }
        }

        return tensors;
    }

    /// <summary>Fails unless each number of a tensor has a place of its own in the storage, as in all that <c>torch.save</c> writes of a network.</summary>
    private static void RequireSound(PickledTensor pickled)
    {
        if (pickled.Shape.Length != pickled.Strides.Length || pickled.Shape.Concat(pickled.Strides).Append(pickled.Offset).Any(number => number < 0))
        {
            throw new InvalidDataException($"a tensor has shape [{string.Join(", ", pickled.Shape)}], strides [{string.Join(", ", pickled.Strides)}] and offset {pickled.Offset}");
        }

        if (!FileShape.Fits(pickled.Shape, pickled.Storage.Count) || (pickled.Shape.All(size => size > 0) && Last(pickled) >= pickled.Storage.Count))
        {
            throw new InvalidDataException($"a tensor of shape [{string.Join(", ", pickled.Shape)}] reaches outside its storage of {pickled.Storage.Count} numbers, or has sizes beyond libtorch's");
        }
    }

    /// <summary>Where the last number of a tensor lies in its storage.</summary>
    private static Int128 Last(PickledTensor pickled) =>
        pickled.Offset + pickled.Shape.Zip(pickled.Strides, (size, stride) => (Int128)(size - 1) * stride).Aggregate(Int128.Zero, (sum, step) => sum + step);

    private static void Bound(long bytes)
    {
        if (bytes > LargestFile)
        {
            throw new InvalidDataException($"its tensors have more than {LargestFile} bytes together");
        }
    }

    private static Tensor Build(PickledTensor pickled, byte[] bytes)
    {
        using var flat = zeros(pickled.Storage.Count, dtype: pickled.Storage.Type);
        bytes.CopyTo(MemoryMarshal.AsBytes(flat.bytes));
        using var view = flat.as_strided(pickled.Shape, pickled.Strides, pickled.Offset);
        return view.clone();
    }

    private static long Size(PickledStorage storage)
    {
        using var one = zeros(1, dtype: storage.Type);
        return storage.Count >= 0 && storage.Count <= LargestStorage / one.element_size()
            ? storage.Count * one.element_size()
            : throw new InvalidDataException($"storage {storage.Key} has {storage.Count} numbers; at most {LargestStorage} bytes are read");
    }

    private static byte[] Exactly(Stream stream, long count)
    {
        var bytes = new byte[count];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
