using System.Diagnostics;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Runs the iterations of eigenvalues and densities on a twentieth of the samples, to know what they take on all.</summary>
/// <remarks>
/// They need about as many products. A product's time is a constant for each batch, that of its calls, and a part that grows with the
/// samples; one sample alone tells the constant.
/// </remarks>
internal sealed class IterationPilot : IDisposable
{
    /// <summary>Code runs slowly until .NET has optimized it, libtorch's first calls of their kind too.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1.5);

    private readonly HessianRun _run;
    private readonly GradientGraphs _graphs;
    private readonly (int Pilot, int Run) _batches;
    private readonly double _scale;
    private readonly double _anew;

    /// <param name="run">What is iterated.</param>
    /// <param name="pilot">Some of the samples.</param>
    /// <param name="risk">All of them.</param>
    /// <param name="blocks">The blocks.</param>
    /// <param name="kept">Graphs that the run keeps.</param>
    public IterationPilot(HessianRun run, EmpiricalRisk pilot, EmpiricalRisk risk, IReadOnlyList<Block> blocks, int kept)
    {
        (_run, _batches, _scale) = (run, (pilot.Batches.Count, risk.Batches.Count), (double)risk.Samples / pilot.Samples);
        _anew = Math.Max(0, 1 - ((double)kept / risk.Batches.Count));
        _graphs = new GradientGraphs(pilot, blocks, int.MaxValue);
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < WarmUp;)
        {
            OfOneSample(0);
        }
    }

    /// <summary>Products over all samples for a block, and the seconds that they take.</summary>
    public (long Products, double Seconds) Of(int block, CancellationToken cancellation)
    {
        var one = OfOneSample(block);
        _graphs.Forget();
        var build = Scaled(PilotClock.Seconds(() => _graphs.Gradient(block).Dispose()), one.Build);
        var products = 0L;
        var iterated = PilotClock.Seconds(() => products = _run.Measure(_graphs, block, cancellation).Products);
        return (products, (build * (1 - _anew + (products * _anew))) + (products * Scaled(iterated / products, one.Product)));
    }

    public void Dispose() => _graphs.Dispose();

    /// <summary>Seconds over all samples, by those of the pilot's and of one.</summary>
    private double Scaled(double pilot, double one)
    {
        var constant = Math.Min(one, pilot / _batches.Pilot);
        return (_batches.Run * constant) + (_scale * (pilot - (_batches.Pilot * constant)));
    }

    private (double Build, double Product) OfOneSample(int block)
    {
        var clock = Stopwatch.StartNew();
        foreach (var one in _graphs.Parts(block, 1))
        {
            var build = clock.Elapsed.TotalSeconds;
            using var v = ones(one.Dimension, one.Type, one.Device);
            one.Multiply(v).Dispose();
            return (build, PilotClock.Seconds(() => one.Multiply(v).Dispose()));
        }

        throw new UnreachableException();
    }
}
