using Plotly.NET;

namespace Hawq.Kit;

/// <summary>Spectral densities as charts.</summary>
public static class SpectrumCharts
{
    private const double Floor = 1e-6;

    /// <summary>The spectral density of one block's Hessian, on a logarithmic axis, with each node widened to a normal curve.</summary>
    /// <param name="report">The measured curvature.</param>
    /// <param name="block">The block's name.</param>
    /// <exception cref="ArgumentException">No block has this name.</exception>
    /// <exception cref="InvalidOperationException">The density was not asked for.</exception>
    public static GenericChart PlotSpectralDensity(this CurvatureReport report, string block)
    {
        ArgumentNullException.ThrowIfNull(report);
        var found = report.Blocks.FirstOrDefault(b => b.Block.Name == block)
            ?? throw new ArgumentException($"There is no block \"{block}\"; expected one of {string.Join(", ", report.Blocks.Select(b => b.Block.Name))}.", nameof(block));
        var density = found.Density
            ?? throw new InvalidOperationException($"Block \"{block}\" has no spectral density; add WithSpectralDensity() to the analysis.");
        return density.PlotSpectralDensity($"Spectral density of block {block}");
    }

    /// <summary>A spectral density, on a logarithmic axis.</summary>
    /// <param name="density">The density.</param>
    /// <param name="title">Title of the chart.</param>
    public static GenericChart PlotSpectralDensity(this SpectralDensity density, string title)
    {
        ArgumentNullException.ThrowIfNull(density);
        var curve = density.Curve();
        var least = Floor * curve.Max(point => point.Density);                              // what is less would stretch the axis over nothing
        return ChartMaker.Lines(
            new Axes(title, "eigenvalue", "density [1 / unit of eigenvalue]", LogY: true),
            [new Series("density", [.. curve.Select(p => (object)p.Eigenvalue)], [.. curve.Select(p => p.Density < least ? double.NaN : p.Density)])]);
    }
}
