namespace Hawq.Kit;

/// <summary>The integers that a grid uses, both ends included.</summary>
/// <param name="Lowest">Smallest integer.</param>
/// <param name="Highest">Largest integer.</param>
public readonly record struct IntegerRange(long Lowest, long Highest)
{
    /// <summary>Whether the range is the binary one, {−1, 1} without 0 between.</summary>
    public bool IsBinary => Lowest == -1 && Highest == 1 && Binary;

    internal bool Binary { get; init; }

    /// <summary>The range of a bit width: 0 … 2^b − 1 if asymmetric, −(2^(b−1) − 1) … 2^(b−1) − 1 if symmetric ({−1, 1} at 1 bit), −2^(b−1) … 2^(b−1) − 1 if mid-rise.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The bit width is float.</exception>
    public static IntegerRange Of(BitWidth bits, Symmetry symmetry)
    {
        if (bits.IsFloat || bits.Value == 0)
        {
            throw new ArgumentOutOfRangeException(nameof(bits), bits, "Float has no integer range; a quantized tensor takes 1 to 8 bits.");
        }

        if (symmetry != Symmetry.Symmetric)
        {
            var lowest = symmetry == Symmetry.MidRise ? -bits.LevelCount / 2 : 0;
            return new(lowest, lowest + bits.LevelCount - 1);
        }

        var highest = bits.Value == 1 ? 1 : (bits.LevelCount / 2) - 1;
        return new(-highest, highest) { Binary = bits.Value == 1 };
    }
}
