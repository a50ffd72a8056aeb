using System.Security.Cryptography;
using TorchSharp;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>
/// The mean loss over a fixed set of samples: L(W) = (1/N) Σ ℓ(f(x_i; W), y_i), in evaluation mode, without weight decay.
/// </summary>
/// <remarks>Batches of unequal size are weighted by their size, so L does not depend on how the samples are cut.</remarks>
internal sealed class EmpiricalRisk
{
    private const double Rounding = 1e-4;   // of float32 sums over many samples
    private const double SmallLoss = 0.1;   // below it, rounding is that of the network's outputs, which a small loss does not shrink

    private readonly Loss<Tensor, Tensor, Tensor> _loss;
    private readonly Lazy<string> _hash; // of hundreds of megabytes, perhaps, and parts of a risk are never asked for it

    /// <summary>Fixes a model, a loss and samples.</summary>
    /// <param name="model">The network.</param>
    /// <param name="loss">A loss that averages over the batch, such as <c>nn.CrossEntropyLoss()</c>.</param>
    /// <param name="batches">The samples, on the network's device. They stay the caller's and must live as long as this.</param>
    /// <exception cref="ArgumentException">There are no batches, one is empty or on another device, or the loss does not average.</exception>
    public EmpiricalRisk(nn.Module<Tensor, Tensor> model, Loss<Tensor, Tensor, Tensor> loss, IEnumerable<Batch> batches)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(batches);
        (Model, _loss, Batches) = (model, loss, [.. batches]);
        Validate();
        Samples = Batches.Sum(batch => batch.Size);
        _hash = new Lazy<string>(Hash);
    }

    /// <summary>The network.</summary>
    public nn.Module<Tensor, Tensor> Model { get; }

    /// <summary>The samples.</summary>
    public IReadOnlyList<Batch> Batches { get; }

    /// <summary>N.</summary>
    public long Samples { get; }

    /// <summary>First 16 hex digits of a SHA-256 over all inputs, then all targets, in their order: the same however they are cut.</summary>
    public string SampleHash => _hash.Value;

    /// <summary>The same network and loss over other samples, or the same ones cut differently.</summary>
    internal EmpiricalRisk Over(IEnumerable<Batch> batches) => new(Model, _loss, batches);

    /// <summary>The same samples in batches of at most this size. Their tensors are views of the given ones.</summary>
    internal EmpiricalRisk CutTo(long size) => Over(Batches.SelectMany(batch => batch.Size <= size
        ? [batch]
        : batch.Inputs.split(size).Zip(batch.Targets.split(size), (inputs, targets) => new Batch(inputs, targets))));

    /// <summary>At least so many of the samples, from all over them, in batches of the same size; all of them where there are fewer than twice as many.</summary>
    internal EmpiricalRisk Spread(long samples)
    {
        var stride = Math.Max(1, Samples / samples);
        return stride == 1 ? this : Over([new Batch(Every(batch => batch.Inputs), Every(batch => batch.Targets))]).CutTo(Batches.Max(batch => batch.Size));

        Tensor Every(Func<Batch, Tensor> of)
        {
            var (slices, start) = (new List<Tensor>(), 0L);
            foreach (var batch in Batches)
            {
                var first = (stride - (start % stride)) % stride;
                slices.Add(of(batch).slice(0, Math.Min(first, batch.Size), batch.Size, stride));
                start += batch.Size;
            }

            return slices.Count == 1 ? slices[0].clone() : cat(slices); // copies these samples alone; TorchSharp's cat of one is that one
        }
    }

    /// <summary>A batch's share of the mean loss: (1/N) Σ over the batch, as a graph that can be differentiated.</summary>
    internal Tensor Part(Batch batch) => _loss.call(Model.call(batch.Inputs), batch.Targets) * ((double)batch.Size / Samples);

    /// <summary>ℓ_i, the loss of a batch's i-th sample from its own forward pass, as a graph that can be differentiated.</summary>
    internal Tensor OfSample(Batch batch, long i) => _loss.call(Model.call(batch.Inputs.narrow(0, i, 1)), batch.Targets.narrow(0, i, 1));

    /// <summary>ℓ_i of every sample, in evaluation mode; their mean is L.</summary>
    internal double[] SampleLosses()
    {
        using var state = new ModelState(Model);
        using var _ = no_grad();
        Model.eval();
        var losses = new List<double>();
        foreach (var batch in Batches)
        {
            NotebookEngine.ThrowIfInterrupted();
            using var scope = NewDisposeScope();
            var outputs = Model.call(batch.Inputs);                                         // (N, classes)
            var each = Enumerable.Range(0, (int)batch.Size).Select(i => _loss.call(outputs.narrow(0, i, 1), batch.Targets.narrow(0, i, 1)));
            losses.AddRange(stack([.. each]).to(ScalarType.Float64).cpu().data<double>());
        }

        return [.. losses];
    }

    /// <summary>L, the mean loss over all samples.</summary>
    /// <exception cref="InvalidOperationException">It is not a finite number.</exception>
    public double Value()
    {
        var sum = Evaluate();
        return double.IsFinite(sum)
            ? sum
            : throw new InvalidOperationException(
                $"The mean loss over the {Samples} samples is {sum}; expected a finite number. Check the checkpoint and the data's normalisation.");
    }

    /// <summary>As <see cref="Value"/>, without the check for a finite number: far from the trained weights a loss may overflow.</summary>
    internal double Evaluate()
    {
        using var state = new ModelState(Model);
        using var _ = no_grad();
        Model.eval();
        var sum = 0.0;
        foreach (var batch in Batches)
        {
            NotebookEngine.ThrowIfInterrupted();
            using var scope = NewDisposeScope();
            sum += Part(batch).to(ScalarType.Float64).item<double>();
        }

        return sum;
    }

    /// <summary>
    /// L, if it is the same number a second time, and the mean over single samples: the Hessian of a moving loss is nonsense, and with
    /// class weights a mean is Σ wℓ ÷ Σ w over each batch, another function for each cut.
    /// </summary>
    /// <remarks>The second evaluation is that by samples, so both cost two forward passes together.</remarks>
    /// <exception cref="InvalidOperationException">L is not finite, moves, or is no mean over samples.</exception>
    public double RequireRepeatable()
    {
        var (first, samples) = (Value(), SampleLosses());
        var (mean, tolerance) = (samples.Average(), Rounding * Math.Max(SmallLoss, samples.Average(loss => Math.Abs(loss))));
        if (Math.Abs(first - mean) <= tolerance)
        {
            return first;
        }

        var second = Value();
        throw new InvalidOperationException(Math.Abs(first - second) > tolerance
            ? FormattableString.Invariant($"Two evaluations of the loss gave {first} and {second}; expected the same number. ") +
                "A layer draws random numbers or changes itself in evaluation mode; take it out for the analysis."
            : FormattableString.Invariant($"The loss of the batches is {first}, the mean of their samples' is {mean}; expected the same number. ") +
                "A loss with class weights or ignored targets is no mean over samples; take one without.");
    }

    private void Validate()
    {
        if (Batches.Count == 0 || Batches.Any(batch => batch.Size == 0))
        {
            throw new ArgumentException("Received no samples, or an empty batch; a risk needs at least one sample in each batch.", "batches");
        }

        var device = Model.parameters().First().device;
        var stranger = Batches.FirstOrDefault(batch => batch.Inputs.device.type != device.type || batch.Targets.device.type != device.type);
        if (stranger is not null)
        {
            throw new ArgumentException(
                $"A batch has inputs on {stranger.Inputs.device} and targets on {stranger.Targets.device}, the network is on {device}; move all to one device.", "batches");
        }

        if (_loss.reduction != nn.Reduction.Mean)
        {
            throw new ArgumentException($"The loss has reduction {_loss.reduction}; expected Mean, so that the risk is a mean over samples.", "loss");
        }
    }

    private string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in Batches.Select(batch => batch.Inputs).Concat(Batches.Select(batch => batch.Targets)))
        {
            using var scope = NewDisposeScope();
            hash.AppendData(part.cpu().contiguous().bytes.ToArray());
        }

        return Fingerprint.Of(hash);
    }
}
