using TorchSharp;

namespace Hawq.Kit;

/// <summary>Saves a result with its run card: a JSON file beside the weights that says how they came about and what they score.</summary>
public static class RunCard
{
    private const string Extension = ".safetensors";
    private const string SettingsKey = "settings";

    /// <summary>Writes the weights (safetensors) and, with the extension <c>.json</c>, the run card.</summary>
    /// <param name="report">The training.</param>
    /// <param name="path">A name that ends in <c>.safetensors</c>.</param>
    /// <param name="test">The accuracy on the test pictures, or <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">The name has another ending.</exception>
    /// <exception cref="IOException">A file could not be written.</exception>
    public static void Save(this TrainingReport report, string path, Accuracy? test)
    {
        ArgumentNullException.ThrowIfNull(report);
        RequireEnding(path);
        report.Network.SaveWeights(path, Header(report.Network, report.Settings));
        RunCardFile.Of(report.Network, report.Settings, report.Seed, new(null, null, RunCardFile.Measure.Of(test)), report.Environment, report.Epochs)
            .Write(RunCardFile.NameFor(path));
    }

    /// <summary>Writes the quantized network, packed to its bits (<see cref="QuantizedCheckpoint"/>), and, with the extension <c>.json</c>, the run card.</summary>
    /// <param name="report">The fine-tuning.</param>
    /// <param name="path">A name that ends in <c>.safetensors</c>.</param>
    /// <param name="test">The accuracy on the test pictures, or <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">The name has another ending.</exception>
    /// <exception cref="InvalidOperationException">A quantized weight is not finite, or was changed after <c>LoadQuantized</c>.</exception>
    /// <exception cref="IOException">A file could not be written.</exception>
    public static void Save(this FineTuningReport report, string path, Accuracy? test)
    {
        ArgumentNullException.ThrowIfNull(report);
        RequireEnding(path);
        report.Network.SaveQuantized(path, Header(report.Network, report.Settings));
        var scores = new RunCardFile.Scores(RunCardFile.Measure.Of(report.Before), RunCardFile.Measure.Of(report.After), RunCardFile.Measure.Of(test));
        var card = RunCardFile.Of(report.Network, report.Settings, report.Seed, scores, report.Environment, report.Epochs);
        (card with { Layers = report.Layers.Count > 0 ? [.. report.Layers.Select(RunCardFile.LayerEntry.Of)] : null }).Write(RunCardFile.NameFor(path));
    }

    /// <summary>Reads back what <see cref="Save(FineTuningReport, string, Accuracy)"/> wrote, if this very recipe made it: a table can then be drawn again without training.</summary>
    /// <param name="recipe">The fine-tuning that would be run.</param>
    /// <param name="path">The name that was saved under; it ends in <c>.safetensors</c>.</param>
    /// <param name="train">Training pictures.</param>
    /// <param name="validation">Validation pictures.</param>
    /// <param name="seed">Seed of data order and augmentation.</param>
    /// <returns>The report, with its network packed and loaded; <see langword="null"/> if nothing was saved there, or with other settings, weights or pictures.</returns>
    /// <exception cref="ArgumentException">The name has another ending.</exception>
    /// <exception cref="InvalidDataException">One of the two files is damaged.</exception>
    public static FineTuningReport? ReadSaved(this BlockwiseFineTuning recipe, string path, IImageSource train, IImageSource validation, long seed)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(validation);
        RequireEnding(path);
        var (card, settings) = (RunCardFile.NameFor(path), recipe.Describe(train, validation, seed));
        if (!File.Exists(path) || !File.Exists(card))
        {
            return null;
        }

        var saved = RunCardFile.Read(card);
        if (saved.Settings != settings || Safetensors.ReadMetadata(path).GetValueOrDefault(SettingsKey) != settings || // else the weights are of another run than the card
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
                network, FineTuningStage.Of(recipe.Stages(seed)), saved.Epochs!, before.Accuracy, after.Accuracy, settings, seed)
            {
                Layers = saved.Layers is { } layers ? [.. layers.Select(layer => layer.Quantization)] : LayersOf(network, recipe),
                Environment = saved.Environment,
            };
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>The epochs that a run card names.</summary>
    /// <exception cref="InvalidDataException">The file is no run card.</exception>
    internal static List<EpochResult> ReadEpochs(string path) => RunCardFile.Read(path).Epochs!;

    /// <summary>What an older card, which names no layers, would name.</summary>
    private static List<LayerQuantization> LayersOf(Network network, BlockwiseFineTuning recipe) =>
        [.. network.WeightLayers().Select(layer => LayerQuantization.Of(layer.Name, layer.Layer, recipe.Scheme))];

    private static Dictionary<string, string> Header(Network network, string settings) => new() { ["architecture"] = network.Architecture, [SettingsKey] = settings };

    private static void RequireEnding(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (!path.EndsWith(Extension, StringComparison.Ordinal))
        {
            throw new ArgumentException($"Received \"{path}\"; expected a name that ends in {Extension}, since weights are written in that format.", nameof(path));
        }
    }
}
