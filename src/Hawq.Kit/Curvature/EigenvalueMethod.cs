namespace Hawq.Kit;

/// <summary>How eigenvalues are found.</summary>
public enum EigenvalueMethod
{
    /// <summary>Lanczos iteration: a few times fewer products.</summary>
    Lanczos,

    /// <summary>Power iteration, HAWQ's Algorithm 1.</summary>
    PowerIteration,
}
