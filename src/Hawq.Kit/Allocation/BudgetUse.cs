namespace Hawq.Kit;

/// <summary>How far an allocation uses one limit of its budget, and what more of it would bring.</summary>
/// <param name="Budget">The limit in words.</param>
/// <param name="Used">What is used, in <paramref name="Unit"/>.</param>
/// <param name="Limit">What is allowed, in <paramref name="Unit"/>.</param>
/// <param name="Unit">bits a weight, MiB, GBOPs or ms.</param>
/// <param name="Price">
/// Dual price: ΣΩ saved for one more unit, for small changes. It is that of the linear relaxation, in which a block may mix bit
/// widths, since the integer program itself improves in jumps. 0 where the limit does not bind, NaN where the relaxation was not solved.
/// </param>
public sealed record BudgetUse(string Budget, double Used, double Limit, string Unit, double Price)
{
    /// <inheritdoc/>
    public override string ToString() =>
        FormattableString.Invariant($"{Budget}: {Used:G5} of {Limit:G5} {Unit}") +
        (double.IsNaN(Price) ? "" : FormattableString.Invariant($"; saves {Price:G3} of ΣΩ for one more"));
}
