namespace Hawq.Kit.Benchmarks;

/// <summary>One of the things that are compared.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Seconds">Does the work once and says how long it took, in seconds.</param>
internal sealed record Contestant(string Name, Func<double> Seconds);

/// <summary>What a contestant needed.</summary>
internal sealed record Timing(string Name, IReadOnlyList<double> Seconds, double Median);

/// <summary>Runs contestants in turns, A B A B …, so that a slow spell of the machine hits all of them.</summary>
internal static class Alternation
{
    /// <param name="rounds">Runs of each.</param>
    /// <param name="contestants">Two or more.</param>
    public static IReadOnlyList<Timing> Of(int rounds, params IReadOnlyList<Contestant> contestants)
    {
        var seconds = contestants.Select(_ => new List<double>()).ToList();
        for (var round = 1; round <= rounds; round++)
        {
            for (var k = 0; k < contestants.Count; k++)
            {
                var took = contestants[k].Seconds();
                Console.WriteLine(FormattableString.Invariant($"round {round}  {contestants[k].Name}: {took:G4} s"));
                seconds[k].Add(took);
            }
        }

        return [.. contestants.Select((contestant, k) => new Timing(contestant.Name, seconds[k], Median(seconds[k])))];
    }

    public static double Median(IReadOnlyList<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
