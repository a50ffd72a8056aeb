using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Forward and backward of batch norm over one (N, C, H, W) tensor in channels-last layout.</summary>
/// <remarks>Rows are cut into parts of fixed size, whose float32 sums are added in order in float64: the same numbers for any count of threads.</remarks>
internal sealed unsafe class NormalizationPass<TLanes, TRegister> : INormalizationPass
    where TLanes : struct, ILanes
    where TRegister : unmanaged, IRegister<TRegister>
{
    private const int NumbersOfPart = 8192;

    private readonly nint _x;
    private readonly int _rows;
    private readonly int _channels;
    private readonly double _epsilon;

    public NormalizationPass(Tensor x, double epsilon)
    {
        (_x, _epsilon) = (DenseMemory.Address(x), epsilon);
        (_rows, _channels) = ((int)(x.numel() / x.shape[1]), (int)x.shape[1]);
    }

    public float[] Mean { get; private set; } = [];

    public float[] Variance { get; private set; } = [];

    /// <summary>As many as stay in a core's first caches between the passes over groups of channels.</summary>
    private int RowsOfPart => Math.Max(1, NumbersOfPart / _channels);

    private int Parts => (_rows + RowsOfPart - 1) / RowsOfPart;

    public void Measure()
    {
        var shift = new float[_channels];
        for (var c = 0; c < _channels; c++)
        {
            shift[c] = TLanes.LoadOne(_x, c);
        }

        var sums = Summed((part, sum) =>
        {
            var (skip, rows) = Part(part);
            fixed (float* first = shift)
            {
                NormalizationKernel<TLanes, TRegister>.Moments(_x + skip, rows, _channels, first, (float*)sum);
            }
        });
        (Mean, Variance) = (new float[_channels], new float[_channels]);
        for (var c = 0; c < _channels; c++)
        {
            var centred = sums[c] / _rows;
            Mean[c] = (float)(shift[c] + centred);
            Variance[c] = (float)Math.Max(0, (sums[_channels + c] / _rows) - (centred * centred));
        }
    }

    public void Take(float[] mean, float[] variance) => (Mean, Variance) = (mean, variance);

    public void Forward(Tensor y, Tensor? residual, bool rectifies, Tensor? mask, float[] gain, float[] offset)
    {
        var (a, b) = (new float[_channels], new float[_channels]);
        for (var c = 0; c < _channels; c++)
        {
            a[c] = (float)(gain[c] / Deviation(c));
            b[c] = offset[c] - (Mean[c] * a[c]);
        }

        var (target, other, bits) = (DenseMemory.Address(y), AddressOf(residual), AddressOf(mask));
        TorchThreads.Run(Parts, part =>
        {
            var (skip, rows) = Part(part);
            var r = other == 0 ? 0 : other + skip;
            fixed (float* first = a, second = b)
            {
                NormalizationKernel<TLanes, TRegister>.Apply(_x + skip, r, target + skip, rectifies, Bits(bits, part), rows, _channels, first, second);
            }
        });
    }

    /// <summary>∂L/∂x and ∂L/∂r into their tensors; returns ∂L/∂γ and ∂L/∂β.</summary>
    public (float[] Gain, float[] Offset) Backward(Tensor gradient, Tensor? mask, float[] gain, Tensor result, Tensor? residual)
    {
        var (g, bits) = (DenseMemory.Address(gradient), AddressOf(mask));
        var sums = GradientSums(g, bits);
        var (a, slope, offset, gainGradient) = (new float[_channels], new float[_channels], new float[_channels], new float[_channels]);
        for (var c = 0; c < _channels; c++)
        {
            var deviation = Deviation(c);
            gainGradient[c] = (float)(sums[_channels + c] / deviation);
            a[c] = (float)(gain[c] / deviation);
            slope[c] = (float)(-gain[c] / (deviation * deviation * deviation) * sums[_channels + c] / _rows);
            offset[c] = (float)(-gain[c] / deviation * sums[c] / _rows);
        }

        var (target, other) = (DenseMemory.Address(result), AddressOf(residual));
        TorchThreads.Run(Parts, part =>
        {
            var (skip, rows) = Part(part);
            var r = other == 0 ? 0 : other + skip;
            fixed (float* mean = Mean, first = a, second = slope, third = offset)
            {
                var at = new GradientConstants(mean, first, second, third);
                NormalizationKernel<TLanes, TRegister>.Gradient(_x + skip, Bits(bits, part), g + skip, target + skip, r, rows, _channels, at);
            }
        });
        return (gainGradient, [.. sums.Take(_channels).Select(sum => (float)sum)]);
    }

    private double[] GradientSums(nint g, nint bits) => Summed((part, sum) =>
    {
        var (skip, rows) = Part(part);
        fixed (float* mean = Mean)
        {
            NormalizationKernel<TLanes, TRegister>.GradientSums(_x + skip, Bits(bits, part), g + skip, rows, _channels, mean, (float*)sum);
        }
    });

    /// <summary>(2, C) sums over all rows.</summary>
    private double[] Summed(Action<int, nint> kernel)
    {
        var parts = new float[Parts * 2 * _channels];
        TorchThreads.Run(Parts, part =>
        {
            var sums = stackalloc float[2 * _channels]; // each thread's own: neighbours in one array would share cache lines
            new Span<float>(sums, 2 * _channels).Clear();
            kernel(part, (nint)sums);
            new Span<float>(sums, 2 * _channels).CopyTo(parts.AsSpan(part * 2 * _channels));
        });
        var total = new double[2 * _channels];
        for (var start = 0; start < parts.Length; start += total.Length)
        {
            for (var k = 0; k < total.Length; k++)
            {
                total[k] += parts[start + k];
            }
        }

        return total;
    }

    private static nint AddressOf(Tensor? tensor) => tensor is null ? 0 : DenseMemory.Address(tensor);

    private byte* Bits(nint mask, int part) => mask == 0 ? null : (byte*)mask + ((nint)part * RowsOfPart * SignMask.Bytes(_channels));

    private double Deviation(int channel) => Math.Sqrt(Variance[channel] + _epsilon);

    /// <summary>Bytes before a part, and its rows.</summary>
    private (nint Skip, int Rows) Part(int part) =>
        ((nint)part * RowsOfPart * _channels * TLanes.Size, Math.Min(RowsOfPart, _rows - (part * RowsOfPart)));
}
