using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using TorchSharp;

namespace Hawq.Kit;

/// <summary>Saves a result with its run card: a JSON file beside the weights that says how they came about and what they score.</summary>
public static class RunCard
{
    private static readonly JsonSerializerOptions Style = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Writes the weights (safetensors) and, with the extension <c>.json</c>, the run card.</summary>
    /// <param name="report">The training.</param>
    /// <param name="path">A name that ends in <c>.safetensors</c>.</param>
    /// <param name="test">The accuracy on the test pictures, or <see langword="null"/>.</param>
    public static void Save(this TrainingReport report, string path, Accuracy? test)
    {
        ArgumentNullException.ThrowIfNull(report);
        Write(report.Network.SaveWeights, report.Network, path, report.Settings, report.Seed, new { Test = Measured(test) }, report.Epochs);
    }

    /// <summary>Writes the quantized network, packed to its bits (<see cref="QuantizedCheckpoint"/>), and, with the extension <c>.json</c>, the run card.</summary>
    /// <param name="report">The fine-tuning.</param>
    /// <param name="path">A name that ends in <c>.safetensors</c>.</param>
    /// <param name="test">The accuracy on the test pictures, or <see langword="null"/>.</param>
    public static void Save(this FineTuningReport report, string path, Accuracy? test)
    {
        ArgumentNullException.ThrowIfNull(report);
        var results = new { ValidationBefore = Measured(report.Before), Validation = Measured(report.After), Test = Measured(test) };
        Write((file, metadata) => report.Network.SaveQuantized(file, metadata), report.Network, path, report.Settings, report.Seed, results, report.Epochs);
    }

    /// <summary>Reads back what <see cref="Save(FineTuningReport, string, Accuracy)"/> wrote, if this very recipe made it: a table can then be drawn again without training.</summary>
    /// <param name="recipe">The fine-tuning that would be run.</param>
    /// <param name="path">The name that was saved under.</param>
    /// <param name="train">Training pictures.</param>
    /// <param name="validation">Validation pictures.</param>
    /// <param name="seed">Seed of data order and augmentation.</param>
    /// <returns>The report, with its network packed and loaded; <see langword="null"/> if nothing was saved there, or with other settings, weights or pictures.</returns>
    /// <exception cref="InvalidDataException">One of the two files is damaged.</exception>
    public static FineTuningReport? ReadSaved(this BlockwiseFineTuning recipe, string path, IImageSource train, IImageSource validation, long seed)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(validation);
        var (card, settings) = (CardOf(path), recipe.Describe(train, validation, seed));
        if (!File.Exists(path) || !File.Exists(card))
        {
            return null;
        }

        var saved = Read(card);
        if (saved.Settings != settings || Safetensors.ReadMetadata(path).GetValueOrDefault("settings") != settings || // else the weights are of another run than the card
            saved.Results?.ValidationBefore is not { } before || saved.Results.Validation is not { } after)
        {
            return null;
        }

        var network = recipe.Float.NewInstance();
        try
        {
            network.LoadQuantized(path).to(recipe.Float.parameters().First().device);
            network.eval();
            return new FineTuningReport(
                network, FineTuningStage.Of(recipe.Stages(seed)), saved.Epochs!, before.Accuracy, after.Accuracy, settings, seed);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>The epochs that a run card names.</summary>
    /// <exception cref="InvalidDataException">The file is no run card.</exception>
    internal static List<EpochResult> ReadEpochs(string path) => Read(path).Epochs!;

    private static Card Read(string path)
    {
        try
        {
            var card = JsonSerializer.Deserialize<Card>(File.ReadAllBytes(path), Style);
            return card?.Epochs is not null ? card : throw new InvalidDataException($"\"{path}\" names no epochs; expected the run card of a training.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"\"{path}\" is no run card: {error.Message} Train again, or restore the file.", error);
        }
    }

    private static void Write(
        Action<string, Dictionary<string, string>> saveWeights, Network network, string path, string settings, long seed, object results, IReadOnlyList<EpochResult> epochs)
    {
        const string extension = ".safetensors";
        if (!path.EndsWith(extension, StringComparison.Ordinal))
        {
            throw new ArgumentException($"Received \"{path}\"; expected a name that ends in {extension}, since weights are written in that format.", nameof(path));
        }

        var card = new
        {
            Network = network.Architecture,
            Parameters = network.parameters().Sum(parameter => parameter.numel()),
            Settings = settings,
            Seed = seed,
            Results = results,
            Kit = LibraryVersion.Kit,
            TorchSharp = LibraryVersion.TorchSharp,
            Processors = Environment.ProcessorCount,
            Threads = torch.get_num_threads(), // with the width of the registers it decides the last bits
            RegisterBits = WidestRegister.Bits,
            Epochs = epochs,
        };
        saveWeights(path, new Dictionary<string, string> { ["architecture"] = network.Architecture, ["settings"] = settings });
        AtomicFile.Write(CardOf(path), [.. JsonSerializer.SerializeToUtf8Bytes(card, Style), (byte)'\n']);
    }

    private static string CardOf(string path) => Path.ChangeExtension(path, ".json");

    private static Measure? Measured(Accuracy? accuracy) =>
        accuracy is null ? null : new(accuracy.Percent, accuracy.Correct, accuracy.Count, accuracy.Loss);

    /// <summary>An accuracy as it is written.</summary>
    private sealed record Measure(double Percent, long Correct, long Pictures, double Loss)
    {
        [JsonIgnore]
        public Accuracy Accuracy => new(Correct, Pictures, Loss);
    }

    /// <summary>What is read of a card.</summary>
    private sealed record Card(string? Settings, Outcome? Results, List<EpochResult>? Epochs);

    private sealed record Outcome(Measure? ValidationBefore, Measure? Validation);
}
