using TorchSharp.Modules;

namespace Hawq.Kit;

/// <summary>The finished epochs of a run, with what guards them: a checkpoint after each, and the last good state if one diverges.</summary>
internal sealed class TrainingJournal(string? path, string fingerprint, IProgress<TrainingProgress>? progress)
{
    /// <summary>What the finished epochs did; read from the checkpoint if there is one.</summary>
    /// <exception cref="InvalidOperationException">The checkpoint is of a run with other settings.</exception>
    public List<EpochResult> Epochs { get; } = path is null ? [] : TrainingState.Epochs(path, fingerprint);

    /// <summary>All settings in words.</summary>
    public string Fingerprint => fingerprint;

    /// <summary>Whether there is a checkpoint to go on from.</summary>
    public bool Resumes => path is not null && Epochs.Count > 0;

    /// <summary>Takes the state of the last finished epoch from the checkpoint, all but the optimizer's.</summary>
    public void Restore(Network model, BestState best) => TrainingState.Restore(path!, model, best);

    /// <summary>Takes the optimizer's state after the last finished epoch from the checkpoint.</summary>
    public void Restore(OptimizerHelper optimizer) => TrainingState.Restore(path!, optimizer);

    /// <summary>Tells the listener where a resumed run stands, since a finished one will train no more batch.</summary>
    public void Announce(long stepsPerEpoch, int epochs)
    {
        var last = Epochs[^1];
        progress?.Report(new TrainingProgress(last.Stage, last.StageName, Epochs.Count * stepsPerEpoch, epochs * stepsPerEpoch, last.TrainingLoss, last));
    }

    /// <summary>Saves the state after an epoch, if the run has a checkpoint.</summary>
    public void Save(Network model, OptimizerHelper optimizer, BestState best)
    {
        if (path is not null)
        {
            TrainingState.Save(path, model, optimizer, best, Epochs, fingerprint);
        }
    }

    /// <summary>Trains one more epoch and notes it.</summary>
    /// <param name="loop">The loop over the network.</param>
    /// <param name="optimizer">Its optimizer.</param>
    /// <param name="plan">Where the epoch stands.</param>
    /// <param name="epochs">Epochs of the whole run.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="DivergedException">The loss or a weight is not finite; the network is handed out as it was before this epoch.</exception>
    public void Train(TrainingLoop loop, OptimizerHelper optimizer, EpochPlan plan, int epochs, CancellationToken cancellation)
    {
        using var last = new BestState();
        last.Keep(loop.Trained.Model);
        var done = Epochs.Count * loop.StepsPerEpoch;
        try
        {
            Epochs.Add(loop.Epoch(optimizer, plan, (step, loss) => progress?.Report(new TrainingProgress(
                plan.Stage, plan.StageName, done + step, epochs * loop.StepsPerEpoch, loss, Epochs.LastOrDefault())), cancellation));
        }
        catch (NotFiniteNumberException error)
        {
            last.CopyTo(loop.Trained.Model);
            throw new DivergedException(
                FormattableString.Invariant($"{error.Message} in stage {plan.Stage} (\"{plan.StageName}\"), epoch {plan.Epoch}; ") +
                $"expected a finite number. Lower the learning rate{(plan.Quantizes ? ", or give the block more bits" : "")}. LastGood is the network as it was before this epoch" +
                (path is null || Epochs.Count == 0 ? "." : $"; \"{path}\" holds the state after epoch {Epochs.Count}."), Epochs, loop.Trained.HandOut());
        }
    }
}
