using System.Runtime.CompilerServices;

namespace Hawq.Kit;

/// <summary>Passes of batch norm, with ReLU and a residual in the same pass, over rows of C numbers.</summary>
/// <typeparam name="TLanes">How the rows lie in memory. Numbers of a channel are float32.</typeparam>
/// <typeparam name="TRegister">How many channels are taken at once; the rest of a row one by one.</typeparam>
internal static unsafe class NormalizationKernel<TLanes, TRegister>
    where TLanes : struct, ILanes
    where TRegister : unmanaged, IRegister<TRegister>
{
    /// <summary>Σ (x − shift) and Σ (x − shift)² of each channel into <paramref name="sums"/>, (2, C).</summary>
    /// <remarks>Sums stay in registers over all rows; in memory each row would wait for the store of the row before.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Moments(nint x, int rows, int channels, float* shift, float* sums)
    {
        var (c, numbers) = (0, rows * channels);
        for (; c <= channels - TRegister.Width; c += TRegister.Width)
        {
            var (middle, first, second) = (TRegister.Load(shift + c), default(TRegister), default(TRegister));
            for (var at = c; at < numbers; at += channels)
            {
                var centred = TLanes.Load<TRegister>(x, at) - middle;
                first += centred;
                second = TRegister.MultiplyAdd(centred, centred, second);
            }

            TRegister.Store(first, sums + c);
            TRegister.Store(second, sums + channels + c);
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

    /// <summary>y = gain · x + offset (+ residual), or max(y, 0) of it, whose positive numbers become bits of the mask, if there is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(nint x, nint residual, nint y, bool rectifies, byte* mask, int rows, int channels, float* gain, float* offset)
    {
        var (hasResidual, keeps) = (residual != 0, mask != null);
        var bytes = keeps ? SignMask.Bytes(channels) : 0;
        for (var row = 0; row < rows; row++, mask += bytes)
        {
            var (start, c) = (row * channels, 0);
            for (; c <= channels - TRegister.Width; c += TRegister.Width)
            {
                var value = TRegister.MultiplyAdd(TLanes.Load<TRegister>(x, start + c), TRegister.Load(gain + c), TRegister.Load(offset + c));
                value = hasResidual ? value + TLanes.Load<TRegister>(residual, start + c) : value;
                if (rectifies)
                {
                    value = TRegister.Rectified(value);
                }

                if (keeps)
                {
                    TRegister.StoreSigns(value, mask + (c / SignMask.Width));
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
                }

                if (keeps)
                {
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
        for (; c <= channels - TRegister.Width; c += TRegister.Width)
        {
            var (middle, first, second) = (TRegister.Load(mean + c), default(TRegister), default(TRegister));
            var bits = mask + (c / SignMask.Width);
            for (var at = c; at < numbers; at += channels, bits += bytes)
            {
                var g = TLanes.Load<TRegister>(gradient, at);
                g = mask == null ? g : TRegister.Kept(g, bits);
                first += g;
                second = TRegister.MultiplyAdd(g, TLanes.Load<TRegister>(x, at) - middle, second);
            }

            TRegister.Store(first, sums + c);
            TRegister.Store(second, sums + channels + c);
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
            for (; c <= channels - TRegister.Width; c += TRegister.Width)
            {
                var g = TLanes.Load<TRegister>(gradient, start + c);
                g = mask == null ? g : TRegister.Kept(g, mask + (c / SignMask.Width));
                var centred = TLanes.Load<TRegister>(x, start + c) - TRegister.Load(at.Mean + c);
                var rest = TRegister.MultiplyAdd(centred, TRegister.Load(at.Slope + c), TRegister.Load(at.Offset + c));
                TLanes.Store(result, start + c, TRegister.MultiplyAdd(g, TRegister.Load(at.Gain + c), rest));
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
