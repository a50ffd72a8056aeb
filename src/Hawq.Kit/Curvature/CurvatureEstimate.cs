namespace Hawq.Kit;

/// <summary>What a run of a <see cref="HessianAnalysis"/> will take, from a pilot on a twentieth of the samples.</summary>
/// <param name="Products">Hessian-vector products, each over all samples.</param>
/// <param name="Seconds">Wall time, in seconds, at the machine's present load.</param>
/// <param name="Bytes">Most bytes of graphs, products and vectors at once, or <see langword="null"/> where they cannot be measured (on a GPU).</param>
public sealed record CurvatureEstimate(long Products, double Seconds, long? Bytes)
{
    /// <inheritdoc/>
    public override string ToString()
    {
        var time = Seconds < 100 ? FormattableString.Invariant($"{Seconds:G2} seconds")
            : Seconds < 6000 ? FormattableString.Invariant($"{Seconds / 60:F0} minutes")
            : FormattableString.Invariant($"{Seconds / 3600:F1} hours");
        var memory = Bytes is { } bytes ? FormattableString.Invariant($", {bytes / 1e6:N0} MB at most") : "";
        return FormattableString.Invariant($"about {Products:N0} Hessian products, {time}{memory}");
    }
}
