using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

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

    /// <summary>The epochs that a run card names.</summary>
    /// <exception cref="InvalidDataException">The file is no run card.</exception>
    internal static List<EpochResult> ReadEpochs(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<Curve>(File.ReadAllBytes(path), Style)?.Epochs
                ?? throw new InvalidDataException($"\"{path}\" names no epochs; expected the run card of a training.");
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
            Epochs = epochs,
        };
        saveWeights(path, new Dictionary<string, string> { ["architecture"] = network.Architecture, ["settings"] = settings });
        AtomicFile.Write(Path.ChangeExtension(path, ".json"), [.. JsonSerializer.SerializeToUtf8Bytes(card, Style), (byte)'\n']);
    }

    private static object? Measured(Accuracy? accuracy) => accuracy is null ? null : new { accuracy.Percent, accuracy.Correct, Pictures = accuracy.Count, accuracy.Loss };

    private sealed record Curve(List<EpochResult>? Epochs);
}
