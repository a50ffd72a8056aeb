using System.Diagnostics;

namespace Hawq.Kit;

/// <summary>What the pilots of an estimate time by.</summary>
internal static class PilotClock
{
    /// <summary>Wall time of an action, in seconds.</summary>
    public static double Seconds(Action action)
    {
        var clock = Stopwatch.StartNew();
        action();
        return clock.Elapsed.TotalSeconds;
    }
}
