using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Dropout from a generator of its own: y = x · mask / (1 − p) in training mode, y = x otherwise.</summary>
/// <remarks>The framework's dropout draws from global random state, which makes a result depend on what ran before.</remarks>
internal sealed class SeededDropout(double probability, long seed) : nn.Module<Tensor, Tensor>(nameof(SeededDropout))
{
    private Generator _generator = new((ulong)seed);

    /// <summary>Begins the draws of an epoch, so that a training that goes on from there draws what it would have drawn.</summary>
    public void Begin(long trainingSeed, int epoch)
    {
        _generator.Dispose();
        _generator = new(new SplitMix64(trainingSeed, epoch).Next() ^ (ulong)seed);
    }

    public override Tensor forward(Tensor input)
    {
        if (!training || probability == 0)
        {
            return input.alias();
        }

        using var scope = NewDisposeScope();
        var kept = rand(input.shape, generator: _generator).ge(probability).to(input.device);
        return input.mul(kept).mul(1 / (1 - probability)).MoveToOuterDisposeScope();
    }
}
