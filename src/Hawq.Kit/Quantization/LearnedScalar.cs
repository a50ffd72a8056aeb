using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>A step or a clip that training moves: one positive number as a parameter.</summary>
internal static class LearnedScalar
{
    /// <summary>The parameter, (1), float32.</summary>
    public static Parameter Of(double value, Device device) => new(full([1], Math.Max(value, RangeEstimator.Tiny), ScalarType.Float32, device).DetachFromDisposeScope());

    /// <summary>The parameter, put back above zero if an update took it below: no grid has such a step.</summary>
    public static Parameter Positive(Parameter learned)
    {
        if (learned.item<float>() < RangeEstimator.Tiny)
        {
            using var _ = no_grad();
            learned.fill_(RangeEstimator.Tiny);
        }

        return learned;
    }
}
