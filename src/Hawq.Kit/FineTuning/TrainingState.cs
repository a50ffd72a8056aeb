using System.Text.Json;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>All that a training needs to go on bit-identically: weights, optimizer, best weights, finished epochs.</summary>
internal static class TrainingState
{
    private const string Optimizer = "optimizer";
    private const string Best = "best/";
    private const string Weights = "weights/";

    /// <summary>The name of a file that a run may keep its state in.</summary>
    /// <exception cref="ArgumentException">It is empty, or that of a folder.</exception>
    public static string FileName(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return !Directory.Exists(path) && !Path.EndsInDirectorySeparator(path) ? path : throw new ArgumentException(
            $"Received \"{path}\", which is a folder; expected the name of a file of its own for this run, for example \"{Path.Combine(path, "run.state")}\".", nameof(path));
    }

    public static void Save(string path, Network model, TorchSharp.Modules.OptimizerHelper optimizer, BestState best, IReadOnlyList<EpochResult> epochs, string fingerprint)
    {
        using var scope = NewDisposeScope();
        using var memory = new MemoryStream();
        using (var writer = new BinaryWriter(memory, System.Text.Encoding.UTF8, leaveOpen: true))
        {
            optimizer.save_state_dict(writer);
        }

        var tensors = model.state_dict().Select(pair => (Weights + pair.Key, pair.Value))
            .Concat(best.Tensors.Select(pair => (Best + pair.Key, pair.Value)))
            .Append((Optimizer, tensor(memory.ToArray(), dtype: ScalarType.Byte)));
        Safetensors.Write(path, tensors, new Dictionary<string, string>
        {
            ["epochs"] = JsonSerializer.Serialize(epochs, Options),
            ["fingerprint"] = fingerprint,
        });
    }

    /// <summary>Reads the finished epochs; if there is no file, none, and makes its folder, so that no epoch is trained whose state could not be saved.</summary>
    /// <exception cref="InvalidOperationException">The file is of a run with other settings.</exception>
    public static List<EpochResult> Epochs(string path, string fingerprint)
    {
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            return [];
        }

        var metadata = Safetensors.ReadMetadata(path);
        if (!metadata.TryGetValue("fingerprint", out var other) || !metadata.TryGetValue("epochs", out var epochs))
        {
            throw new InvalidOperationException($"\"{path}\" is no checkpoint of a training; expected one, or no file. Give this run its own file.");
        }

        if (other != fingerprint)
        {
            throw new InvalidOperationException(
                $"\"{path}\" is the checkpoint of another run: it has {other}; this run has {fingerprint}. Delete it, or give this run its own file.");
        }

        try
        {
            return JsonSerializer.Deserialize<List<EpochResult>>(epochs, Options) ?? throw new JsonException("it is null");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"\"{path}\" has a damaged list of epochs: {error.Message} Delete it to train from the start.", error);
        }
    }

    /// <summary>Takes all but the optimizer's state from the file.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static void Restore(string path, Network model, BestState best)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (tensors, state) = (Safetensors.Read(path), model.state_dict());
        if (state.Keys.Select(name => Weights + name).Append(Optimizer).FirstOrDefault(name => !tensors.ContainsKey(name)) is { } missing)
        {
            throw new InvalidDataException($"\"{path}\" is damaged: it lacks \"{missing}\". Delete it to train from the start.");
        }

        if (state.FirstOrDefault(pair => !pair.Value.shape.SequenceEqual(tensors[Weights + pair.Key].shape)).Key is { } other)
        {
            throw new InvalidDataException($"\"{path}\" is damaged: \"{other}\" has another shape than the network's. Delete it to train from the start.");
        }

        foreach (var (name, value) in state)
        {
            value.copy_(tensors[Weights + name]);
        }

        best.Set(tensors.Where(pair => pair.Key.StartsWith(Best, StringComparison.Ordinal))
            .ToDictionary(pair => pair.Key[Best.Length..], pair => pair.Value));
    }

    /// <summary>Takes the optimizer's state from a file that <see cref="Restore(string, Network, BestState)"/> has read.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static void Restore(string path, TorchSharp.Modules.OptimizerHelper optimizer)
    {
        using var reader = new BinaryReader(new MemoryStream(OptimizerBytes(path)));
        try
        {
            optimizer.load_state_dict(reader); // outside of any dispose scope: the optimizer keeps the tensors that it makes here
        }
        catch (Exception error) when (error is IOException or InvalidDataException or ArgumentException or InvalidOperationException or FormatException or OverflowException)
        {
            throw new InvalidDataException($"\"{path}\" is damaged: the optimizer's state is not readable ({error.Message}). Delete it to train from the start.", error);
        }
    }

    private static byte[] OptimizerBytes(string path)
    {
        using var scope = NewDisposeScope();
        return Safetensors.Read(path)[Optimizer].bytes.ToArray();
    }

    private static JsonSerializerOptions Options { get; } =
        new() { NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals };
}
