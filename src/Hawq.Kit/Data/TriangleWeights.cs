namespace Hawq.Kit;

/// <summary>Weights of PIL's antialiased bilinear resampling along one axis, in fixed point.</summary>
/// <remarks>
/// Output pixel i lies at (i + ½)·s of the input, s = input / output. Its weights are a triangle of half-width max(s, 1), cut at
/// the border and normalised, times 2²². PIL rounds the same numbers in the same way, so results agree to the last bit.
/// </remarks>
internal sealed class TriangleWeights
{
    public const int Bits = 22;

    private readonly int _taps;
    private readonly int[] _starts;
    private readonly int[] _counts;
    private readonly int[] _weights;

    /// <param name="input">Input pixels.</param>
    /// <param name="output">Pixels that the whole input becomes.</param>
    /// <param name="first">First output pixel that is wanted.</param>
    /// <param name="count">How many are wanted.</param>
    public TriangleWeights(int input, int output, int first, int count)
    {
        var scale = (double)input / output;
        var support = Math.Max(scale, 1);
        _taps = ((int)Math.Ceiling(support) * 2) + 1;
        (_starts, _counts, _weights) = (new int[count], new int[count], new int[count * _taps]);
        var triangle = new double[_taps];
        for (var i = 0; i < count; i++)
        {
            var center = (first + i + 0.5) * scale;
            _starts[i] = Math.Max((int)(center - support + 0.5), 0);
            _counts[i] = Math.Min((int)(center + support + 0.5), input) - _starts[i];
            var sum = 0.0;
            for (var k = 0; k < _counts[i]; k++)
            {
                triangle[k] = Math.Max(0, 1 - Math.Abs((k + _starts[i] - center + 0.5) * (1 / support)));
                sum += triangle[k];
            }

            for (var k = 0; k < _counts[i]; k++)
            {
                _weights[(i * _taps) + k] = (int)(0.5 + (triangle[k] / sum * (1 << Bits)));
            }
        }
    }

    /// <summary>First input pixel that any output needs, and the one after the last.</summary>
    public (int From, int To) Range => (_starts[0], _starts[^1] + _counts[^1]);

    /// <summary>First input pixel of output <paramref name="i"/>.</summary>
    public int Start(int i) => _starts[i];

    /// <summary>Weights of the input pixels from <see cref="Start"/> on.</summary>
    public ReadOnlySpan<int> Of(int i) => _weights.AsSpan(i * _taps, _counts[i]);
}
