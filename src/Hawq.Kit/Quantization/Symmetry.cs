namespace Hawq.Kit;

/// <summary>Whether the grid lies symmetric about zero.</summary>
public enum Symmetry
{
    /// <summary>
    /// 2^b levels from 0 to 2^b − 1 with an integer zero point, so that 0 is a grid point. HAWQ-V2's kind (the authors name
    /// Distiller's asymmetric mode as the way to reproduce it).
    /// </summary>
    Asymmetric,

    /// <summary>
    /// Zero point 0 and the narrow integer range −(2^(b−1) − 1) … 2^(b−1) − 1: 255 levels at 8 bits, 3 (ternary) at 2 bits.
    /// At 1 bit the two levels are ±E|W| (binary weights; Rastegari et al. 2016).
    /// </summary>
    Symmetric,

    /// <summary>
    /// 2^b levels ±s/2, ±3s/2, … on both sides of zero, which lies half-way between two of them: the mid-rise quantizer of signal
    /// processing (Gersho and Gray 1992, chapter 5), and HAWQ-V2's appendix A on an interval about zero. At 2 bits it has four levels
    /// where <see cref="Symmetric"/> has three; the best one for normally distributed weights errs by 0.119 σ² in place of
    /// 0.190 σ² (Max 1960). At 1 bit and a least-squares range both are ±E|W|.
    /// </summary>
    MidRise,
}

/// <summary>How many grids a weight has.</summary>
public enum Granularity
{
    /// <summary>One scale for the whole tensor.</summary>
    PerTensor,

    /// <summary>One scale for each output channel, the first dimension.</summary>
    PerChannel,
}

/// <summary>How the grid of a weight follows from the weight during fine-tuning.</summary>
public enum WeightMethod
{
    /// <summary>The range is estimated anew from the float weight in each forward pass, by the scheme's range rule: HAWQ's.</summary>
    Estimated,

    /// <summary>The step is a trained parameter, one a tensor (LSQ; Esser et al. 2020).</summary>
    LearnedStep,

    /// <summary>tanh(w) scaled to [−1, 1], then uniform (DoReFa; Zhou et al. 2016, equation 9).</summary>
    DoReFa,

    /// <summary>2^b levels vᵀe, e ∈ {−1, 1}^b, with a basis v of b numbers an output channel, fitted while training (LQ-Nets; Zhang et al. 2018).</summary>
    LearnedBasis,
}

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
