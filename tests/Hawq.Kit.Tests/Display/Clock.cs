namespace Hawq.Kit.Tests.Display;

/// <summary>A clock that stands until it is set.</summary>
internal sealed class Clock : TimeProvider
{
    public double Seconds { get; set; }

    public override long TimestampFrequency => 1000;

    public override long GetTimestamp() => (long)(1000 * Seconds);
}
