using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>A uniform grid: real value = scale · (integer − zero point). It owns its two tensors.</summary>
/// <remarks>Q(w) = s · (clamp(round(w / s) + z, lowest, highest) − z), rounding half to even. At 1 symmetric bit Q(w) = s · sign(w).</remarks>
public sealed class QuantizationGrid : IDisposable
{
    internal QuantizationGrid(Tensor scale, Tensor zeroPoint, IntegerRange range) =>
        (Scale, ZeroPoint, Range) = (scale.DetachFromDisposeScope(), zeroPoint.DetachFromDisposeScope(), range);

    /// <summary>s, the step between two levels: one element, or (C_out, 1, …) per channel. Positive.</summary>
    public Tensor Scale { get; }

    /// <summary>z, the integer of the real value 0, of the same shape as the scale; 0 in a symmetric grid, half an odd number in a mid-rise one.</summary>
    public Tensor ZeroPoint { get; }

    /// <summary>The integers in use.</summary>
    public IntegerRange Range { get; }

    /// <summary>The integers of a tensor's values, in the tensor's own shape, as int64 within <see cref="Range"/>.</summary>
    /// <param name="values">Any shape that the scale broadcasts to.</param>
    public Tensor Quantize(Tensor values)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return Integers(values).to(ScalarType.Int64).MoveToOuterDisposeScope();
    }

    /// <summary>The real values of integers: s · (q − z).</summary>
    /// <param name="integers">Integers within <see cref="Range"/>.</param>
    public Tensor Dequantize(Tensor integers)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return integers.to(Scale.dtype).sub_(ZeroPoint).mul_(Scale).MoveToOuterDisposeScope();
    }

    /// <summary>Q(W): each value moved to the nearest grid point.</summary>
    /// <param name="values">Any shape that the scale broadcasts to.</param>
    public Tensor Snap(Tensor values)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return Integers(values).sub_(ZeroPoint).mul_(Scale).MoveToOuterDisposeScope();
    }

    /// <summary>‖Q(W) − W‖², the squared 2-norm of the change, summed in double precision.</summary>
    /// <param name="values">W, any shape that the scale broadcasts to.</param>
    public double Error(Tensor values)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return Snap(values).sub_(values).pow_(2).sum(ScalarType.Float64).item<double>();
    }

    /// <summary>1 where a value lies within the grid's end points (the straight-through gradient), 0 elsewhere. All 1 at 1 symmetric bit.</summary>
    internal Tensor Inside(Tensor values)
    {
        using var scope = NewDisposeScope();
        if (Range.IsBinary)
        {
            return ones_like(values).MoveToOuterDisposeScope();
        }

        var integers = Rounded(values, Scale, ZeroPoint);
        return integers.ge(Range.Lowest).logical_and_(integers.le(Range.Highest)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Scale.Dispose();
        ZeroPoint.Dispose();
    }

    /// <summary>round(x / s + z), before it is clamped; the whole part of z is added after the rounding, so that ties go as in x / s.</summary>
    internal static Tensor Rounded(Tensor values, Tensor scale, Tensor zeroPoint)
    {
        var whole = zeroPoint.floor(); // that of DoReFa and of mid-rise grids lies half-way between two integers
        return values.div(scale).add_(zeroPoint.sub(whole)).round_().add_(whole);
    }

    private Tensor Integers(Tensor values) =>
        Range.IsBinary ? values.ge(0).to(values.dtype).mul_(2).sub_(1) : Rounded(values, Scale, ZeroPoint).clamp_(Range.Lowest, Range.Highest);
}
