namespace Hawq.Kit;

/// <summary>How many grids a weight has.</summary>
public enum Granularity
{
    /// <summary>One scale for the whole tensor.</summary>
    PerTensor,

    /// <summary>One scale for each output channel, the first dimension.</summary>
    PerChannel,
}
