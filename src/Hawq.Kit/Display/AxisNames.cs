namespace Hawq.Kit;

/// <summary>How tables and charts name the values of a study's axes: the same in all of them.</summary>
public static class AxisNames
{
    /// <summary>The formula of a metric, with its unit where it has one; ΔW = Q(W) − W, n weights, H the Hessian, F the empirical Fisher.</summary>
    /// <param name="metric">The metric.</param>
    public static string Symbol(this SensitivityMetric metric) => metric switch
    {
        SensitivityMetric.TopEigenvaluePerWeight => "|λ|/n",
        SensitivityMetric.TopEigenvaluePerturbation => "|λ|·‖ΔW‖²",
        SensitivityMetric.AverageTrace => "Tr H/n",
        SensitivityMetric.AverageTracePerturbation => "(Tr H/n)·‖ΔW‖²",
        SensitivityMetric.FisherPerturbation => "(Tr F/n)·‖ΔW‖²",
        SensitivityMetric.QuantizationError => "‖ΔW‖²",
        SensitivityMetric.NoiseToSignal => "−SQNR [dB]",
        _ => "ΔL [nat]",
    };

    /// <summary>A rule in words.</summary>
    /// <param name="rule">The rule.</param>
    public static string Words(this AllocationRule rule) => rule switch
    {
        AllocationRule.Hawq => "HAWQ's precision order",
        AllocationRule.HawqV3 => "least ΣΩ",
        AllocationRule.ReversedPrecision => "reversed precision",
        AllocationRule.RandomBits => "random bits",
        AllocationRule.UniformBits => "uniform",
        _ => "first, last at 8",
    };

    /// <summary>An order in words.</summary>
    /// <param name="order">The order.</param>
    public static string Words(this BlockOrder order) => order switch
    {
        BlockOrder.MostSensitiveFirst => "most sensitive first",
        BlockOrder.LeastSensitiveFirst => "least sensitive first",
        BlockOrder.NetworkOrder => "input to output",
        BlockOrder.AllAtOnce => "all at once",
        _ => "random order",
    };
}
