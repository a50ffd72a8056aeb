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
