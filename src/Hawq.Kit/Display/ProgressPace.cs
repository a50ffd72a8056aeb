using System.Globalization;

namespace Hawq.Kit;

/// <summary>How fast a long step goes and when it will end, from its first report on: what an earlier run had done took no time here.</summary>
internal sealed class ProgressPace(TimeProvider time)
{
    private const double LeastShare = 0.01;

    private (double Share, double Count, long Time)? _first;

    /// <summary>"12 batches/s, 0:03:20 left", in the larger of "a second" and "a minute" that is at least one; nothing before a hundredth is done.</summary>
    public string? Of(double share, double count, string unit)
    {
        var first = _first ??= (share, count, time.GetTimestamp());
        var (done, counted) = (share - first.Share, count - first.Count);
        if (done <= LeastShare)
        {
            return null;
        }

        var seconds = time.GetElapsedTime(first.Time).TotalSeconds;
        var left = TimeSpan.FromSeconds(Math.Round(seconds * (1 - share) / done));
        var rate = counted / Math.Max(seconds, 1e-9);
        var (shown, each) = rate >= 1 ? (rate, "s") : (60 * rate, "min");
        var pace = shown.ToString(shown >= 999.5 ? "N0" : "G3", CultureInfo.InvariantCulture); // G3 would write 1.2E+03
        return (counted > 0 ? $"{pace} {unit}/{each}, " : "") +
            FormattableString.Invariant($@"{(long)left.TotalHours}:{left:mm\:ss} left");
    }
}
