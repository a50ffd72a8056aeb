using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Hawq.Kit;

/// <summary>A run card as its file has it, entry by entry in this order; what a card lacks, as older ones do, is <see langword="null"/>.</summary>
internal sealed record RunCardFile(
    string? Network,
    long Parameters,
    string? Settings,
    long Seed,
    RunCardFile.Scores? Results,
    string? Kit,
    string? TorchSharp,
    int? Processors,
    int? Threads,
    int? RegisterBits,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<RunCardFile.LayerEntry>? Layers,
    List<EpochResult>? Epochs)
{
    private static readonly JsonSerializerOptions Style = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>What the weights were trained on, if the card says all of it.</summary>
    [JsonIgnore]
    public TrainingEnvironment? Environment =>
        (Threads, RegisterBits, Processors, Kit, TorchSharp) is ({ } threads, { } registerBits, { } processors, { } kit, { } torchSharp)
            ? new TrainingEnvironment(threads, registerBits, processors, kit, torchSharp)
            : null;

    /// <summary>The card that lies beside weights.</summary>
    public static string NameFor(string path) => Path.ChangeExtension(path, ".json");

    /// <summary>The card of a training's result.</summary>
    public static RunCardFile Of(Network network, string settings, long seed, Scores results, TrainingEnvironment? environment, IReadOnlyList<EpochResult> epochs) => new(
        network.Architecture, network.parameters().Sum(parameter => parameter.numel()), settings, seed, results,
        environment?.Kit, environment?.TorchSharp, environment?.Processors, environment?.Threads, environment?.RegisterBits, null, [.. epochs]);

    /// <summary>Reads a card.</summary>
    /// <exception cref="InvalidDataException">The file is no run card.</exception>
    public static RunCardFile Read(string path)
    {
        try
        {
            var card = JsonSerializer.Deserialize<RunCardFile>(File.ReadAllBytes(path), Style);
            return card?.Epochs is null ? throw new InvalidDataException($"\"{path}\" names no epochs; expected the run card of a training.")
                : card.Layers?.All(layer => layer is { IsSound: true }) == false ? throw new InvalidDataException(
                    $"\"{path}\" names a layer whose bits are not 1 to 8, or 32 for float. Train again, or restore the file.")
                : card;
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"\"{path}\" is no run card: {error.Message} Train again, or restore the file.", error);
        }
    }

    /// <summary>Writes the card, whole or not at all.</summary>
    public void Write(string path) => AtomicFile.Write(path, [.. JsonSerializer.SerializeToUtf8Bytes(this, Style), (byte)'\n']);

    /// <summary>What a network scores; a float training is not validated by its card.</summary>
    internal sealed record Scores(
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Measure? ValidationBefore,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Measure? Validation,
        Measure? Test);

    /// <summary>An accuracy as it is written.</summary>
    internal sealed record Measure(double Percent, long Correct, long Pictures, double Loss)
    {
        [JsonIgnore]
        public Accuracy Accuracy => new(Correct, Pictures, Loss);

        public static Measure? Of(Accuracy? accuracy) =>
            accuracy is null ? null : new(accuracy.Percent, accuracy.Correct, accuracy.Count, accuracy.Loss);
    }

    /// <summary>A layer's bits as they are written, 32 for float.</summary>
    internal sealed record LayerEntry(string Layer, int WeightBits, int InputBits, string Note)
    {
        [JsonIgnore]
        public bool IsSound => Layer is not null && Note is not null && WeightBits is (>= 1 and <= 8) or 32 && InputBits is (>= 1 and <= 8) or 32;

        [JsonIgnore]
        public LayerQuantization Quantization => new(Layer, WeightBits, InputBits, Note);

        public static LayerEntry Of(LayerQuantization layer) => new(layer.Layer, layer.WeightBits.Value, layer.ActivationBits.Value, layer.Note);
    }
}
