using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>A Python name that a pickle may use, and what calling it means here.</summary>
internal sealed record PickleGlobal(string Name, Func<IReadOnlyList<object?>, object?> Call);

/// <summary>The few Python names that a file of tensors needs. Every other name is refused.</summary>
internal static class PickleGlobals
{
    private static readonly Dictionary<string, ScalarType> StorageTypes = new()
    {
        ["FloatStorage"] = ScalarType.Float32,
        ["DoubleStorage"] = ScalarType.Float64,
        ["HalfStorage"] = ScalarType.Float16,
        ["BFloat16Storage"] = ScalarType.BFloat16,
        ["LongStorage"] = ScalarType.Int64,
        ["IntStorage"] = ScalarType.Int32,
        ["ByteStorage"] = ScalarType.Byte,
        ["CharStorage"] = ScalarType.Int8,
        ["BoolStorage"] = ScalarType.Bool,
    };

    public static PickleGlobal Find(string module, string name) => $"{module}.{name}" switch
    {
        "collections.OrderedDict" => new(name, OrderedDict),
        "torch._utils._rebuild_tensor_v2" or "torch._utils._rebuild_tensor" => new(name, RebuildTensor),
        "torch._utils._rebuild_parameter" => new(name, arguments => arguments.Count > 0 ? arguments[0] : throw new InvalidDataException("the pickle describes a parameter without a tensor")),
        _ when module == "torch" && StorageTypes.ContainsKey(name) => new(name, _ => throw Refused($"a call of torch.{name}")),
        _ => throw Refused($"{module}.{name}"),
    };

    /// <summary>The type of a storage class, by its name.</summary>
    public static ScalarType StorageType(PickleGlobal global) =>
        StorageTypes.TryGetValue(global.Name, out var type) ? type : throw Refused(global.Name);

    /// <summary>An empty one; the pickle sets its items afterwards.</summary>
    private static Dictionary<object, object?> OrderedDict(IReadOnlyList<object?> arguments) => arguments.Count == 0
        ? new Dictionary<object, object?>()
        : throw new InvalidDataException("the pickle gives an OrderedDict its items at once, as Python 2 does; load and save it once with Python 3");

    private static PickledTensor RebuildTensor(IReadOnlyList<object?> arguments) =>
        arguments.Count >= 4 && arguments[0] is PickledStorage storage && arguments[1] is long offset
            ? new PickledTensor(storage, offset, Sizes(arguments[2]), Sizes(arguments[3]))
            : throw new InvalidDataException("the pickle describes a tensor by something else than storage, offset, shape and strides");

    private static long[] Sizes(object? tuple) =>
        (tuple as object?[] ?? throw new InvalidDataException("the pickle has a tensor shape that is no tuple"))
        .Select(size => size is long number ? number : throw new InvalidDataException("the pickle has a tensor size that is no number"))
        .ToArray();

    private static InvalidDataException Refused(string name) =>
        new($"the pickle names {name}, which is no tensor or plain container; it was refused, since a pickle must not run code. " +
            "Save the state dict alone: torch.save(model.state_dict(), path)");
}
