namespace Hawq.Kit;

/// <summary>One way through a Mixed module: pooling, then convolutions in a row, then at most one fork whose ends are joined.</summary>
/// <param name="Pooling">What comes first.</param>
/// <param name="Chain">Named convolutions in a row.</param>
internal sealed record InceptionBranch(InceptionPooling Pooling, params (string Name, ConvolutionShape Shape)[] Chain)
{
    /// <summary>Named convolutions that all take the chain's output; their outputs are joined. Empty in most branches.</summary>
    public (string Name, ConvolutionShape Shape)[] Fork { get; init; } = [];
}

/// <summary>Pooling at the head of a branch.</summary>
internal enum InceptionPooling
{
    /// <summary>None.</summary>
    None,

    /// <summary>Mean of 3×3 pixels, stride 1, with a border of zeros that count.</summary>
    Mean,

    /// <summary>Maximum of 3×3 pixels, stride 2.</summary>
    Halving,
}
