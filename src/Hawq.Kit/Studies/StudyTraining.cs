namespace Hawq.Kit;

/// <summary>What a training came to, as it is kept.</summary>
/// <param name="Before">Validation accuracy before fine-tuning; <see langword="null"/> if it diverged.</param>
/// <param name="After">Validation accuracy after it.</param>
/// <param name="Test">Test accuracy, if there were test pictures.</param>
internal sealed record TrainingOutcome(Accuracy? Before, Accuracy? After, Accuracy? Test);

/// <summary>The fine-tuning of a cell, with all words that decide what it comes to. Cells may share one.</summary>
internal sealed class StudyTraining
{
    /// <summary>Name of the run card beside the weights.</summary>
    public const string Card = "network.json";

    private readonly Study _study;
    private readonly StudyFolder _folder;
    private readonly BlockwiseFineTuning _recipe;
    private readonly long _seed;
    private readonly string _fingerprint;

    public StudyTraining(Study study, StudyFolder folder, BlockwiseFineTuning recipe, long seed, string network)
    {
        (_study, _folder, _recipe, _seed) = (study, folder, recipe, seed);
        _fingerprint = $"{network}; {recipe.Describe(study.Train, study.Validation, seed)}; " +
            $"test {study.Test?.Hash ?? "none"}; {StudyWords.Versions}";
    }

    /// <summary>Short name of the training, and of its folder.</summary>
    public string Name => StudyFolder.NameOf(_fingerprint);

    /// <summary>How long and how it trains, in words.</summary>
    public string Settings => _recipe.DescribeTraining(_study.Train);

    /// <summary>The outcome, or <see langword="null"/> if it is not finished.</summary>
    public TrainingOutcome? Outcome() => _folder.Read<TrainingOutcome>(StudyFolder.Cells, _fingerprint);

    /// <summary>Trains, unless another process is at it or has done it.</summary>
    /// <returns>Whether the training is finished.</returns>
    public bool TryRun(IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        using var claim = _folder.TryClaim(StudyFolder.Cells, _fingerprint);
        if (claim is null)
        {
            return false;
        }

        if (Outcome() is null)
        {
            _folder.Write(StudyFolder.Cells, _fingerprint, Train(progress, cancellation)); // last of all: it says that the cell is done
        }

        File.Delete(Checkpoint);
        return true;
    }

    private string Checkpoint => Path.Combine(_folder.Of(StudyFolder.Cells, _fingerprint), "checkpoint.safetensors");

    private TrainingOutcome Train(IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        try
        {
            var report = _recipe.WithCheckpoint(Checkpoint).Run(_study.Train, _study.Validation, _seed, progress, cancellation);
            using var network = report.Network;
            var test = _study.Test is null ? null : Accuracy.Of(network, _study.Test, cancellation);
            report.Save(Path.ChangeExtension(Path.Combine(_folder.Of(StudyFolder.Cells, _fingerprint), Card), ".safetensors"), test);
            return new TrainingOutcome(report.Before, report.After, test);
        }
        catch (DivergedException error)
        {
            error.LastGood.Dispose();
            return new TrainingOutcome(null, null, null); // a result too: it would diverge again
        }
    }
}
