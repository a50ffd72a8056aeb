using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>How many pictures a network classifies rightly.</summary>
/// <param name="Correct">Pictures whose largest logit is the right class.</param>
/// <param name="Count">Pictures in all; those that could not be decoded do not count.</param>
/// <param name="Loss">Mean cross-entropy, in nats.</param>
public sealed record Accuracy(long Correct, long Count, double Loss)
{
    private const int EvaluationBatch = 500;

    /// <summary>Top-1 accuracy in per cent.</summary>
    /// <value>0 to 100.</value>
    public double Percent => 100.0 * Correct / Count;

    /// <summary>Evaluates a network in evaluation mode; its mode is restored.</summary>
    /// <param name="model">A classifier with logits (N, classes), on any device.</param>
    /// <param name="pictures">What it is tried on.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="ArgumentException">The pictures have more classes than the network.</exception>
    /// <exception cref="InvalidDataException">No picture could be decoded.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static Accuracy Of(nn.Module<Tensor, Tensor> model, IImageSource pictures, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(pictures);
        using var state = new ModelState(model);
        using var _ = no_grad();
        model.eval();
        var device = model.parameters().FirstOrDefault()?.device ?? CPU;
        var (correct, count, loss) = (0L, 0L, 0.0);
        foreach (var batch in pictures.Batches(pictures.BatchSizeLike(EvaluationBatch)))
        {
            NotebookEngine.ThrowIfInterrupted(cancellation);
            using var scope = NewDisposeScope();
            using (batch)
            {
                var (inputs, targets) = batch.To(device);
                var logits = model.call(inputs);                                            // (N, classes)
                ClassCount.Require(batch.Targets, logits);
                correct += logits.argmax(1).eq(targets).sum().item<long>();
                count += batch.Size;
                loss += nn.functional.cross_entropy(logits, targets, reduction: nn.Reduction.Sum).item<float>();
            }
        }

        return count > 0
            ? new Accuracy(correct, count, loss / count)
            : throw new InvalidDataException(FormattableString.Invariant($"None of the {pictures.Count:N0} pictures could be decoded, so there is no accuracy. Check the files."));
    }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Percent:F2} % of {Count:N0}");
}
