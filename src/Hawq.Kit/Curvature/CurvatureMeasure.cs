namespace Hawq.Kit;

/// <summary>By which number a block's curvature is measured.</summary>
public enum CurvatureMeasure
{
    /// <summary>|λ|, the magnitude of the top Hessian eigenvalue: HAWQ-V1 (Dong et al. 2019).</summary>
    TopEigenvalue,

    /// <summary>|Tr H| ÷ n, the average trace: HAWQ-V2 (Dong et al. 2020).</summary>
    AverageTrace,

    /// <summary>Tr F ÷ n, the average of the empirical Fisher's diagonal: FIT (Zandonati et al. 2022).</summary>
    EmpiricalFisher,

    /// <summary>1 for every block: ‖Q(W) − W‖² alone decides, the baseline that knows nothing of curvature.</summary>
    None,
}
