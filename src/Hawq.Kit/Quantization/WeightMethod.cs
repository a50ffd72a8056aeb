namespace Hawq.Kit;

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
