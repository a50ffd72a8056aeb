using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Hawq.Kit;

/// <summary>Passes of batch norm, with ReLU and a residual in the same pass, over rows of C numbers.</summary>
/// <typeparam name="TLanes">How the rows lie in memory. Numbers of a channel are float32.</typeparam>
internal static unsafe class NormalizationKernel<TLanes>
    where TLanes : struct, ILanes
{
    private const int Width = SignMask.Width;

    /// <summary>Σ (x − shift) and Σ (x − shift)² of each channel into <paramref name="sums"/>, (2, C).</summary>
    /// <remarks>Sums stay in registers over all rows; in memory each row would wait for the store of the row before.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Moments(nint x, int rows, int channels, float* shift, float* sums)
    {
        var (c, numbers) = (0, rows * channels);
        for (; c <= channels - Width; c += Width)
        {
            var (middle, first, second) = (Vector256.Load(shift + c), Vector256<float>.Zero, Vector256<float>.Zero);
            for (var at = c; at < numbers; at += channels)
            {
                var centred = TLanes.Load(x, at) - middle;
                first += centred;
                second = Vector256.FusedMultiplyAdd(centred, centred, second);
            }

            first.Store(sums + c);
            second.Store(sums + channels + c);
        }

        for (; c < channels; c++)
        {
            for (var at = c; at < numbers; at += channels)
            {
                var centred = TLanes.LoadOne(x, at) - shift[c];
                sums[c] += centred;
                sums[channels + c] += centred * centred;
            }
        }
    }

    /// <summary>y = gain · x + offset (+ residual); with a mask, max(y, 0), whose positive numbers become bits of it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(nint x, nint residual, nint y, byte* mask, int rows, int channels, float* gain, float* offset)
    {
        var (hasResidual, rectifies) = (residual != 0, mask != null);
        var bytes = rectifies ? SignMask.Bytes(channels) : 0;
        for (var row = 0; row < rows; row++, mask += bytes)
        {
            var (start, c) = (row * channels, 0);
            for (; c <= channels - Width; c += Width)
            {
                var value = Vector256.FusedMultiplyAdd(TLanes.Load(x, start + c), Vector256.Load(gain + c), Vector256.Load(offset + c));
                value = hasResidual ? value + TLanes.Load(residual, start + c) : value;
                if (rectifies)
                {
                    value = Vector256.MaxNative(Vector256<float>.Zero, value);
                    mask[c / Width] = SignMask.Of(value);
                }

                TLanes.Store(y, start + c, value);
            }

            for (; c < channels; c++)
            {
                var value = (TLanes.LoadOne(x, start + c) * gain[c]) + offset[c];
                value = hasResidual ? value + TLanes.LoadOne(residual, start + c) : value;
                if (rectifies)
                {
                    value = float.MaxNative(0, value);
                    SignMask.Set(mask, c, value > 0);
                }

                TLanes.StoreOne(y, start + c, value);
            }
        }
    }

    /// <summary>Σ g and Σ g · (x − mean) of each channel into <paramref name="sums"/>, (2, C); g is 0 where the mask, if given, has no bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GradientSums(nint x, byte* mask, nint gradient, int rows, int channels, float* mean, float* sums)
    {
        var (c, numbers, bytes) = (0, rows * channels, mask == null ? 0 : SignMask.Bytes(channels));
        for (; c <= channels - Width; c += Width)
        {
            var (middle, first, second) = (Vector256.Load(mean + c), Vector256<float>.Zero, Vector256<float>.Zero);
            var bits = mask + (c / Width);
            for (var at = c; at < numbers; at += channels, bits += bytes)
            {
                var g = mask == null ? TLanes.Load(gradient, at) : SignMask.Kept(*bits, TLanes.Load(gradient, at));
                first += g;
                second = Vector256.FusedMultiplyAdd(g, TLanes.Load(x, at) - middle, second);
            }

            first.Store(sums + c);
            second.Store(sums + channels + c);
        }

        for (; c < channels; c++)
        {
            var bits = mask;
            for (var at = c; at < numbers; at += channels, bits += bytes)
            {
                var g = mask == null || SignMask.Has(bits, c) ? TLanes.LoadOne(gradient, at) : 0;
                sums[c] += g;
                sums[channels + c] += g * (TLanes.LoadOne(x, at) - mean[c]);
            }
        }
    }

    /// <summary>∂L/∂x = gain · g + slope · (x − mean) + offset, and ∂L/∂residual = g where asked for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gradient(nint x, byte* mask, nint gradient, nint result, nint residual, int rows, int channels, GradientConstants at)
    {
        var bytes = mask == null ? 0 : SignMask.Bytes(channels);
        for (var row = 0; row < rows; row++, mask += bytes)
        {
            var (start, c) = (row * channels, 0);
            for (; c <= channels - Width; c += Width)
            {
                var g = mask == null ? TLanes.Load(gradient, start + c) : SignMask.Kept(mask[c / Width], TLanes.Load(gradient, start + c));
                var centred = TLanes.Load(x, start + c) - Vector256.Load(at.Mean + c);
                var rest = Vector256.FusedMultiplyAdd(centred, Vector256.Load(at.Slope + c), Vector256.Load(at.Offset + c));
                TLanes.Store(result, start + c, Vector256.FusedMultiplyAdd(g, Vector256.Load(at.Gain + c), rest));
                if (residual != 0)
                {
                    TLanes.Store(residual, start + c, g);
                }
            }

            for (; c < channels; c++)
            {
                var g = mask == null || SignMask.Has(mask, c) ? TLanes.LoadOne(gradient, start + c) : 0;
                TLanes.StoreOne(result, start + c, (g * at.Gain[c]) + ((TLanes.LoadOne(x, start + c) - at.Mean[c]) * at.Slope[c]) + at.Offset[c]);
                if (residual != 0)
                {
                    TLanes.StoreOne(residual, start + c, g);
                }
            }
        }
    }
}
