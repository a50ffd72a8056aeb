namespace Hawq.Kit;

/// <summary>Which pictures a pass over a source takes, in which order: the same for pictures in memory and in files.</summary>
internal static class PassOrder
{
    /// <summary>All pictures in random order, or another choice in each epoch; cut to whole batches, but to one at the least.</summary>
    public static int[] Training(int count, int size, long seed, int epoch, int? pictures)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        var order = new SplitMix64(seed, epoch).Permutation(count);
        var taken = Checked(pictures ?? count, count);
        return order[..Math.Max(taken / size * size, Math.Min(size, taken))];
    }

    /// <summary>A random choice without repetition.</summary>
    public static int[] Sample(int count, int of, long seed) => new SplitMix64(seed).Permutation(of)[..Checked(count, of)];

    /// <summary>A random cut in two, for example into training and validation pictures.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One part would be empty.</exception>
    public static (int[] First, int[] Second) Split(int second, int of, long seed)
    {
        var order = new SplitMix64(seed).Permutation(of);
        var cut = of - Checked(second, of);
        ArgumentOutOfRangeException.ThrowIfLessThan(cut, 1, nameof(second));
        return (order[..cut], order[cut..]);
    }

    /// <summary>How many were asked for, if there are as many.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 1 or more than there are.</exception>
    public static int Checked(int count, int of) => count >= 1 && count <= of
        ? count
        : throw new ArgumentOutOfRangeException(nameof(count), count, $"The set has {of} pictures; ask for 1 to {of}.");
}
