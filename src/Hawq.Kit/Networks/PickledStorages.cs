namespace Hawq.Kit;

/// <summary>The storages that a pickle refers to, one of each key.</summary>
internal sealed class PickledStorages
{
    private readonly Dictionary<string, PickledStorage> _byKey = [];

    /// <summary>The storage of a key.</summary>
    /// <exception cref="KeyNotFoundException">The pickle referred to none.</exception>
    public PickledStorage this[string key] => _byKey[key];

    /// <summary>What a reference in the pickle stands for.</summary>
    /// <param name="arguments">"storage", its type, key, device and number of numbers; in the old format also which part of another storage it is.</param>
    /// <exception cref="InvalidDataException">It refers to something else, to a part, or to a storage that had another type or size before.</exception>
    public object Refer(IReadOnlyList<object?> arguments)
    {
        var storage = arguments.Count >= 5 && arguments[0] is "storage" && arguments[1] is PickleGlobal type && arguments[2] is string key && arguments[4] is long count
            ? new PickledStorage(PickleGlobals.StorageType(type), key, count)
            : throw new InvalidDataException("it refers to something else than a storage of numbers");
        if (arguments.Count > 5 && arguments[5] is not null)
        {
            throw new InvalidDataException($"storage {storage.Key} is a part of another, as only old versions of PyTorch write it; load and save it once with a newer one");
        }

        return _byKey.TryAdd(storage.Key, storage) || _byKey[storage.Key] == storage
            ? storage
            : throw new InvalidDataException(
                $"storage {storage.Key} has {storage.Count} numbers of type {storage.Type} and elsewhere {_byKey[storage.Key].Count} of type {_byKey[storage.Key].Type}");
    }
}
