using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Random probe vectors with independent entries of mean 0 and variance 1.</summary>
internal static class Probes
{
    /// <summary>Entries ±1 with equal chance: the least variance of all for Hutchinson's estimate.</summary>
    public static Tensor Rademacher(LinearOperator of, Generator generator) =>
        randint(0, 2, [of.Dimension], of.Type, of.Device, generator: generator).mul_(2).sub_(1);

    /// <summary>A normal vector of length 1: a uniformly random direction.</summary>
    public static Tensor Direction(LinearOperator of, Generator generator)
    {
        using var scope = NewDisposeScope();
        var v = randn([of.Dimension], of.Type, of.Device, generator: generator);
        return v.div_(v.norm()).MoveToOuterDisposeScope();
    }
}
