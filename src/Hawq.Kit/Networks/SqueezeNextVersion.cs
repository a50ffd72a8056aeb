namespace Hawq.Kit;

/// <summary>How the 21 units of SqueezeNext-23 are spread over its four stages (Gholami et al. 2018).</summary>
public enum SqueezeNextVersion
{
    /// <summary>6, 6, 8 and 1 units: SqNxt-23, HAWQ's network.</summary>
    V23,

    /// <summary>2, 4, 14 and 1 units: SqNxt-23v5, which spends less on large pictures.</summary>
    V23v5,
}
