namespace Hawq.Kit;

/// <summary>How the range of an activation is found.</summary>
public enum ActivationMethod
{
    /// <summary>Observed once over calibration batches, then frozen: the default.</summary>
    Calibrated,

    /// <summary>The upper end of the range, α, is a trained parameter (PACT; Choi et al. 2018), from the calibrated range on, or from 8 where that is 0. For inputs that are never negative.</summary>
    LearnedClip,

    /// <summary>The step is a trained parameter (LSQ; Esser et al. 2020).</summary>
    LearnedStep,

    /// <summary>2^b levels vᵀe, e ∈ {0, 1}^b, with a basis v of b numbers, fitted while training (LQ-Nets). For inputs that are never negative.</summary>
    LearnedBasis,
}
