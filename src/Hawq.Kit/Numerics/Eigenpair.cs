namespace Hawq.Kit;

/// <summary>An approximate eigenvalue with the evidence for it.</summary>
/// <param name="Value">λ, with its sign.</param>
/// <param name="Residual">‖Av − λv‖ ÷ |λ| for the unit vector v: some eigenvalue of A lies within this relative distance of λ.</param>
/// <param name="Products">Operator products that it took.</param>
/// <param name="Converged">Whether the residual is within the asked tolerance.</param>
public sealed record Eigenpair(double Value, double Residual, int Products, bool Converged);
