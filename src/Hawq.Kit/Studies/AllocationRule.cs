namespace Hawq.Kit;

/// <summary>How a study chooses bits within a budget: HAWQ, or a baseline for it.</summary>
public enum AllocationRule
{
    /// <summary>The least ΣΩ with bits that do not increase along the precision order (HAWQ-V1 and V2).</summary>
    Hawq,

    /// <summary>The least ΣΩ, whatever the order (HAWQ-V3).</summary>
    HawqV3,

    /// <summary>The least ΣΩ with bits that do not decrease along the precision order: the paper's "HAWQ-Reverse-Precision".</summary>
    ReversedPrecision,

    /// <summary>Random bits, drawn from the seed, of exactly the size that <see cref="Hawq"/> reaches within the budget.</summary>
    RandomBits,

    /// <summary>The most bits within the budget that are the same for every block; pinned blocks keep theirs.</summary>
    UniformBits,

    /// <summary>First and last block at 8 bits, as is custom, and the least ΣΩ of the others.</summary>
    FirstAndLastAt8,
}
