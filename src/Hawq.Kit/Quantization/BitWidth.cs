using System.Globalization;

namespace Hawq.Kit;

/// <summary>Number of bits of a stored value: 1 to 8 for a quantized tensor, 32 for one that stays float.</summary>
/// <remarks>An <see cref="int"/> converts by itself, so <c>table.Uniform(4)</c> reads as it should.</remarks>
public readonly record struct BitWidth : IComparable<BitWidth>
{
    /// <summary>Makes a bit width.</summary>
    /// <param name="value">Bits: 1 to 8, or 32 for float.</param>
    /// <exception cref="ArgumentOutOfRangeException">Any other number.</exception>
    public BitWidth(int value) =>
        Value = value is (>= 1 and <= 8) or 32
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(value), value, "A bit width is 1 to 8 for a quantized tensor, or 32 for float; no other is supported.");

    /// <summary>Float, 32 bits: not quantized.</summary>
    public static BitWidth Float { get; } = new(32);

    /// <summary>The number of bits.</summary>
    public int Value { get; }

    /// <summary>Whether the tensor stays float.</summary>
    public bool IsFloat => Value == 32;

    /// <summary>2^b, the number of levels that b bits tell apart.</summary>
    public long LevelCount => 1L << Value;

    /// <summary>Makes a bit width from a number of bits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is neither 1 to 8 nor 32.</exception>
    public static implicit operator BitWidth(int value) => new(value);

    /// <summary>Makes a bit width from a number of bits, where the language has no implicit conversion.</summary>
    public static BitWidth FromInt32(int value) => new(value);

    /// <summary>Whether the left has fewer bits.</summary>
    public static bool operator <(BitWidth left, BitWidth right) => left.Value < right.Value;

    /// <summary>Whether the left has more bits.</summary>
    public static bool operator >(BitWidth left, BitWidth right) => left.Value > right.Value;

    /// <summary>Whether the left has as many bits or fewer.</summary>
    public static bool operator <=(BitWidth left, BitWidth right) => left.Value <= right.Value;

    /// <summary>Whether the left has as many bits or more.</summary>
    public static bool operator >=(BitWidth left, BitWidth right) => left.Value >= right.Value;

    /// <inheritdoc/>
    public int CompareTo(BitWidth other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
