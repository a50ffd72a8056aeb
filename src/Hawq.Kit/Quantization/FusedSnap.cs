using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Fake quantization of dense CPU tensors by kernels that pass over memory once.</summary>
internal static class FusedSnap
{
    private const int NumbersOfPart = 1 << 15;

    /// <summary>The plain numbers of a grid of one scale.</summary>
    public static GridConstants Constants(QuantizationGrid grid)
    {
        var zero = grid.ZeroPoint.item<float>();
        return new(grid.Scale.item<float>(), grid.Range.Lowest - zero, grid.Range.Highest - zero);
    }

    /// <summary>Whether <see cref="Forward"/> takes the values.</summary>
    public static bool Fits(Tensor values) => DenseMemory.Fits(values);

    /// <summary>Whether the backward passes take the values with their gradients.</summary>
    public static bool Fits(Tensor values, Tensor gradients) =>
        DenseMemory.Fits(values) && DenseMemory.Fits(gradients) && values.dtype == gradients.dtype && values.stride().SequenceEqual(gradients.stride());

    /// <summary>Q(x).</summary>
    public static Tensor Forward(Tensor values, GridConstants grid) => Run(values, values, Kernels(values).Snap, grid).Result;

    /// <summary>The straight-through gradient of a fixed grid.</summary>
    public static Tensor Backward(Tensor values, Tensor gradients, GridConstants grid) => Run(values, gradients, Kernels(values).Pass, grid).Result;

    /// <summary>The gradient of a learned step, and Σ g · ∂Q/∂s.</summary>
    public static (Tensor Result, double Sum) BackwardOfStep(Tensor values, Tensor gradients, GridConstants grid) =>
        Run(values, gradients, Kernels(values).PassStep, grid);

    /// <summary>The gradient of a learned clip, and Σ g · ∂Q/∂clip.</summary>
    public static (Tensor Result, double Sum) BackwardOfClip(Tensor values, Tensor gradients, float clip) =>
        Run(values, gradients, Kernels(values).PassClip, new GridConstants(1, 0, clip));

    private static SnapKernels Kernels(Tensor values) => IsSingle(values) ? SnapKernels.Single : SnapKernels.Brain;

    private static bool IsSingle(Tensor values) => values.dtype == ScalarType.Float32;

    /// <remarks>Parts have one size whatever the number of threads, so that a sum does not depend on it.</remarks>
    private static (Tensor Result, double Sum) Run(Tensor values, Tensor gradients, SnapPass kernel, GridConstants grid)
    {
        var result = empty_like(values);
        var (x, g, y) = (DenseMemory.Address(values), DenseMemory.Address(gradients), DenseMemory.Address(result));
        var (count, size) = ((int)values.numel(), IsSingle(values) ? SingleLanes.Size : BrainLanes.Size);
        var sums = new double[(count + NumbersOfPart - 1) / NumbersOfPart];
        TorchThreads.Run(sums.Length, part =>
        {
            var (offset, numbers) = ((nint)part * NumbersOfPart * size, Math.Min(NumbersOfPart, count - (part * NumbersOfPart)));
            sums[part] = kernel(x + offset, g + offset, y + offset, numbers, grid);
        });
        return (result, sums.Sum());
    }
}
