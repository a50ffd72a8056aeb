namespace Hawq.Kit;

/// <summary>By which number a block's curvature is measured.</summary>
public enum CurvatureMeasure
{
    /// <summary>|λ|, the magnitude of the top Hessian eigenvalue: HAWQ-V1 (Dong et al. 2019).</summary>
    TopEigenvalue,

    /// <summary>|Tr H| ÷ n, the average trace: HAWQ-V2 (Dong et al. 2020).</summary>
    AverageTrace,
}
