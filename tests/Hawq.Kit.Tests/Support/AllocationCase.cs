using CsCheck;

namespace Hawq.Kit.Tests.Support;

/// <summary>A random allocation problem, small enough for brute force.</summary>
/// <param name="Weights">Weights of each block.</param>
/// <param name="Curvatures">Curvature of each block.</param>
/// <param name="Macs">MACs of each block.</param>
/// <param name="Errors">Quantization error of each block at each bit width, not always falling.</param>
/// <param name="Milliseconds">Time of each block at each bit width, not always rising.</param>
/// <param name="Shares">Limit of size, bit operations and latency, from 0 (the least sum) to 1 (the greatest); below −0.25 there is none.</param>
/// <param name="Pins">Index of the bit width that a block is pinned to, or −1.</param>
/// <param name="Ties">Pairs of blocks.</param>
/// <param name="Monotone">Whether the monotone rule holds.</param>
internal sealed record AllocationCase(
    long[] Weights, double[] Curvatures, long[] Macs, double[][] Errors, double[][] Milliseconds, double[] Shares, int[] Pins, (int First, int Second)[] Ties, bool Monotone)
{
    public static readonly BitWidth[] Bits = [2, 3, 4, 6, 8];

    public int Count => Weights.Length;

    /// <summary>Limits in the kit's units, in the order of <see cref="Loads"/>; infinite where there is none.</summary>
    public double[] Limits => [.. Enumerable.Range(0, 3).Select(kind => Shares[kind] < -0.25 ? double.PositiveInfinity : Mix(kind))];

    public static Gen<AllocationCase> Gen(int most) =>
        from count in CsCheck.Gen.Int[1, most]
        from weights in CsCheck.Gen.Long[1_000, 2_000_000].Array[count]
        from curvatures in CsCheck.Gen.Double[0.01, 10].Array[count]
        from macs in CsCheck.Gen.Long[1_000_000, 90_000_000].Array[count]
        from errors in CsCheck.Gen.Double[0.2, 2].Array[5].Array[count]
        from times in CsCheck.Gen.Double[0.7, 1.3].Array[5].Array[count]
        from shares in CsCheck.Gen.Double[-1, 1].Array[3]
        from pins in CsCheck.Gen.Int[-24, 4].Array[count]
        from ties in CsCheck.Gen.Select(CsCheck.Gen.Int[0, count - 1], CsCheck.Gen.Int[0, count - 1]).Array[0, 2]
        from monotone in CsCheck.Gen.Bool
        select new AllocationCase(
            weights, curvatures, macs,
            [.. errors.Select((row, i) => row.Select((e, k) => e * Math.Sqrt(weights[i]) * Math.Pow(4, -Bits[k].Value)).ToArray())],
            [.. times.Select((row, i) => row.Select((t, k) => t * macs[i] * Bits[k].Value / 1e9).ToArray())],
            shares.Max() < -0.25 ? [0.5, -1, -1] : shares, [.. pins.Select(pin => Math.Max(pin, -1))], ties, monotone);

    /// <summary>The table; blocks may be given in another order.</summary>
    public SensitivityTable Table(int[]? order = null)
    {
        var blocks = order ?? [.. Enumerable.Range(0, Count)];
        return SensitivityTable
            .Of(CurvatureMeasure.AverageTrace, QuantizationScheme.SymmetricPerChannel, Bits, [.. blocks.Select(i => new SensitivityRow(Name(i), Weights[i], Curvatures[i], Errors[i]))])
            .WithMultiplyAccumulates(blocks.ToDictionary(Name, i => Macs[i]), 4)
            .WithLatency(blocks.SelectMany(i => Bits.Select((bits, k) => new LayerLatency(Name(i), bits, Milliseconds[i][k]))));
    }

    public Budget Budget(double[] limits)
    {
        Func<double, Budget>[] make = [Kit.Budget.ModelSize, Kit.Budget.BitOperations, Kit.Budget.Latency];
        var budget = make.Zip(limits).Where(limit => double.IsFinite(limit.Second)).Select(limit => limit.First(limit.Second)).Aggregate((all, one) => all.And(one));
        budget = Ties.Aggregate(budget, (all, tie) => all.Tied(Name(tie.First), Name(tie.Second)));
        return Enumerable.Range(0, Count).Where(i => Pins[i] >= 0).Aggregate(budget, (all, i) => all.WithFixed(Name(i), Bits[Pins[i]]));
    }

    /// <summary>All choices that pins, ties and the monotone rule allow.</summary>
    public IEnumerable<int[]> Choices()
    {
        var exempt = Exempt();
        var ruled = Enumerable.Range(0, Count).Where(i => !exempt[i]).OrderByDescending(i => Curvatures[i]).ToList();
        return from choice in All(Count)
               where Enumerable.Range(0, Count).All(i => Pins[i] < 0 || Pins[i] == choice[i])
               where Ties.All(tie => choice[tie.First] == choice[tie.Second])
               where !Monotone || ruled.Zip(ruled.Skip(1)).All(pair => choice[pair.First] >= choice[pair.Second])
               select choice;
    }

    public double Cost(int[] choice) => Sum(choice, (i, k) => Curvatures[i] * Errors[i][k]);

    /// <summary>MiB, GBOPs, ms.</summary>
    public double[] Loads(int[] choice) => [.. Enumerable.Range(0, 3).Select(kind => Sum(choice, (i, k) => Load(kind, i, k)))];

    public double Load(int kind, int i, int k) => kind switch
    {
        0 => Weights[i] * (double)Bits[k].Value / (8 << 20),
        1 => Macs[i] * 4.0 * Bits[k].Value / 1e9,
        _ => Milliseconds[i][k],
    };

    public static bool Meets(double[] loads, double[] limits) => loads.Zip(limits).All(pair => pair.First <= pair.Second * (1 + 1e-12));

    public static string Name(int i) => FormattableString.Invariant($"block{i}");

    private static double Sum(int[] choice, Func<int, int, double> value) => choice.Select((k, i) => value(i, k)).Sum();

    private double Mix(int kind)
    {
        var (least, most) = (0.0, 0.0);
        for (var i = 0; i < Count; i++)
        {
            var loads = Bits.Select((_, k) => Load(kind, i, k)).ToList();
            (least, most) = (least + loads.Min(), most + loads.Max());
        }

        return Math.Max(least / 2, least + (Shares[kind] * (most - least))); // a limit is positive, also one that nothing meets
    }

    private bool[] Exempt()
    {
        var exempt = Pins.Select(pin => pin >= 0).ToArray();
        foreach (var (first, second) in Ties.Concat(Ties))
        {
            exempt[first] = exempt[second] = exempt[first] || exempt[second];
        }

        return exempt;
    }

    private static IEnumerable<int[]> All(int count)
    {
        var choice = new int[count];
        for (; ; )
        {
            yield return choice;
            var i = 0;
            while (i < count && ++choice[i] == Bits.Length)
            {
                choice[i++] = 0;
            }

            if (i == count)
            {
                yield break;
            }
        }
    }
}
