using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>The values that the input of one layer took over the calibration batches.</summary>
/// <param name="Layer">Dotted name of the layer.</param>
/// <param name="Low">Smallest value.</param>
/// <param name="High">Largest value.</param>
/// <param name="MeanMagnitude">E|x|.</param>
/// <param name="Sample">Values drawn at random, at most 16,384 a batch and 65,536 in all, ascending.</param>
public sealed record ActivationRange(string Layer, double Low, double High, double MeanMagnitude, IReadOnlyList<float> Sample)
{
    /// <summary>Whether no value was negative, as after a ReLU.</summary>
    public bool IsUnsigned => Low >= 0;

    /// <summary>The ends of the range by a rule.</summary>
    internal (double Low, double High) Ends(RangeRule rule, BitWidth bits)
    {
        if (rule.IsPercentile && Sample.Count > 0)
        {
            var kept = (int)Math.Ceiling((IsUnsigned ? rule.Percent : (100 + rule.Percent) / 2) / 100 * (Sample.Count - 1));
            return (IsUnsigned ? Low : Sample[Sample.Count - 1 - kept], Sample[kept]);
        }

        return rule == RangeRule.LeastSquares && Sample.Count > 0 ? LeastSquares(bits) : (Low, High);
    }

    private (double Low, double High) LeastSquares(BitWidth bits)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var rows = tensor(Sample.ToArray()).reshape(1, -1);
        var (low, high) = (tensor(new[] { (float)Math.Min(Low, 0) }), tensor(new[] { (float)Math.Max(High, 0) }));
        var range = IntegerRange.Of(bits, Symmetry.Asymmetric);
        var (scale, zero) = LeastSquaresGrid.Fit(rows, low, high, range, Symmetry.Asymmetric);
        var (step, shift) = (scale.item<float>(), zero.item<float>());
        return ((range.Lowest - shift) * step, (range.Highest - shift) * step);
    }
}

/// <summary>Ranges of the inputs of all weight layers, observed once on the float network over calibration batches.</summary>
/// <param name="Ranges">One for each layer that ran, in network order.</param>
/// <param name="SampleCount">Number of calibration samples seen.</param>
public sealed record ActivationCalibration(IReadOnlyList<ActivationRange> Ranges, long SampleCount)
{
    private const int SamplesPerBatch = 16384;
    private const int SamplesPerLayer = 65536; // memory does not grow with the number of batches

    /// <summary>Runs a network over batches, in evaluation mode, and records what each weight layer receives.</summary>
    /// <param name="network">The float network; its mode is restored.</param>
    /// <param name="batches">
    /// Batches to observe, on the network's device, one after the other: memory is that of the largest. They stay the caller's.
    /// </param>
    /// <exception cref="ArgumentException">There are no batches.</exception>
    /// <exception cref="InvalidOperationException">A layer received a number that is not finite.</exception>
    public static ActivationCalibration Of(Network network, IEnumerable<Batch> batches)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(batches);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var observers = network.WeightLayers().Select(layer => new Observer(layer.Name, layer.Layer)).ToList();
        using var state = new ModelState(network);
        try
        {
            network.eval();
            var count = batches.Sum(batch => Observe(network, batch));
            return count > 0
                ? new ActivationCalibration([.. observers.Where(o => o.Count > 0).Select(o => o.Range())], count)
                : throw new ArgumentException("There are no calibration batches; at least one is needed.", nameof(batches));
        }
        finally
        {
            observers.ForEach(observer => observer.Dispose());
        }
    }

    /// <summary>The range of one layer's input.</summary>
    /// <exception cref="ArgumentException">The layer was not observed.</exception>
    public ActivationRange this[string layer] =>
        Ranges.FirstOrDefault(range => range.Layer == layer) ?? throw new ArgumentException(
            $"No layer \"{layer}\" was calibrated; known are {string.Join(", ", Ranges.Select(r => r.Layer))}.", nameof(layer));

    private static long Observe(Network network, Batch batch)
    {
        NotebookEngine.ThrowIfInterrupted();
        using var scope = NewDisposeScope();
        network.call(batch.Inputs);
        return batch.Size;
    }

    private sealed class Observer : IDisposable
    {
        private readonly string _name;
        private readonly nn.Module<Tensor, Tensor>.HookRemover _hook;
        private readonly List<float> _sample = [];
        private (double Low, double High, double Sum) _seen = (double.PositiveInfinity, double.NegativeInfinity, 0);
        private int _thinning = 1;
        private SplitMix64 _random = new(0);

        public Observer(string name, WeightLayer layer)
        {
            _name = name;
            _hook = layer.register_forward_pre_hook((_, input) => Record(input));
        }

        public long Count { get; private set; }

        public ActivationRange Range()
        {
            if (!double.IsFinite(_seen.Sum))
            {
                throw new InvalidOperationException(
                    $"Layer \"{_name}\" received a number that is not finite; a range needs finite ones. Check the weights and the normalisation of the pictures.");
            }

            _sample.Sort();
            return new(_name, _seen.Low, _seen.High, _seen.Sum / Count, _sample);
        }

        public void Dispose() => _hook.remove();

        private Tensor Record(Tensor input)
        {
            using var scope = NewDisposeScope();
            var flat = input.reshape(-1).to(CPU);
            var size = flat.numel();
            Count += size;
            _seen = (Math.Min(_seen.Low, flat.min().item<float>()), Math.Max(_seen.High, flat.max().item<float>()),
                _seen.Sum + flat.abs().sum(ScalarType.Float64).item<double>());
            _sample.AddRange(Drawn(flat, SamplesPerBatch / _thinning).data<float>().ToArray());
            if (_sample.Count > SamplesPerLayer)
            {
                Thin();
            }

            return input;
        }

        /// <summary>At most so many of the values. Every k-th one would be the same few places of each picture, as the padded border.</summary>
        private Tensor Drawn(Tensor flat, int most)
        {
            if (flat.numel() <= most)
            {
                return flat;
            }

            var places = new long[most];
            for (var k = 0; k < places.Length; k++)
            {
                places[k] = _random.Below(checked((int)flat.numel()));
            }

            return flat.index_select(0, tensor(places));
        }

        /// <summary>Keeps every second value, and takes half as many of each later batch, so that all batches weigh the same.</summary>
        private void Thin()
        {
            var kept = _sample.Where((_, k) => k % 2 == 0).ToList();
            _sample.Clear();
            _sample.AddRange(kept);
            _thinning *= 2;
        }
    }
}
