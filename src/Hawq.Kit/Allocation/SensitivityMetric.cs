namespace Hawq.Kit;

/// <summary>A number that claims to say how much a block suffers from quantization; larger is more sensitive.</summary>
public enum SensitivityMetric
{
    /// <summary>S = |λ| ÷ n: HAWQ-V1's precision order.</summary>
    TopEigenvaluePerWeight,

    /// <summary>|λ|·‖ΔW‖²: HAWQ-V1's Ω.</summary>
    TopEigenvaluePerturbation,

    /// <summary>|Tr H| ÷ n: HAWQ-V2's average trace.</summary>
    AverageTrace,

    /// <summary>|Tr H| ÷ n · ‖ΔW‖²: HAWQ-V2's Ω.</summary>
    AverageTracePerturbation,

    /// <summary>Tr F ÷ n · ‖ΔW‖² with the empirical Fisher F: FIT (Zandonati et al. 2022).</summary>
    FisherPerturbation,

    /// <summary>‖ΔW‖² = ‖Q(W) − W‖² alone.</summary>
    QuantizationError,

    /// <summary>−SQNR = 10·log₁₀(‖ΔW‖² ÷ ‖W‖²), in dB.</summary>
    NoiseToSignal,

    /// <summary>L(Q_b(W)) − L(W): the loss with this block's weights alone quantized, in nats. The truth that the others estimate.</summary>
    LossChange,
}
