using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Numerics;

public class SpectralDensityTests
{
    /// <summary>As of a network: a bulk near 0 on both sides and a few outliers; n = 200.</summary>
    private static readonly double[] Spectrum =
        [.. Enumerable.Range(0, 195).Select(k => (k - 60) / 200.0), 3, 5, 8, 13, 21];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Density_integrates_to_one_and_its_mean_is_the_average_trace(long seed)
    {
        var density = SpectralDensity.Of(new MatrixOperator(Given.Symmetric(Spectrum, 1)), seed, probes: 8);
        density.Mass.ShouldBe(1, 1e-12);
        Math.Abs(density.Mean.Value - Spectrum.Average()).ShouldBeLessThanOrEqualTo(4 * density.Mean.StandardError);
        density.Mean.StandardError.ShouldBeLessThan(0.3 * Spectrum.Average());
        density.Products.ShouldBe(8 * 40);
    }

    [Fact]
    public void Edges_are_the_extreme_eigenvalues()
    {
        var density = SpectralDensity.Of(new MatrixOperator(Given.Symmetric(Spectrum, 1)), 4);
        density.Highest.ShouldBe(21, 1e-9);
        density.Lowest.ShouldBe(Spectrum.Min(), 0.01);
    }

    [Fact]
    public void Quadrature_of_k_steps_is_exact_for_polynomials_below_degree_2k()
    {
        double[] spectrum = [-2, -1, 0.5, 1, 1.5, 2, 3, 4];
        var matrix = Given.Symmetric(spectrum, 1);
        using var lanczos = new Lanczos(new MatrixOperator(matrix), 9);
        lanczos.Step();
        lanczos.Step();
        lanczos.Step();
        using var generator = new Generator(9UL);
        var v = Probes.Direction(new MatrixOperator(matrix), generator);                   // the start vector of the same seed
        var power = v;
        for (var degree = 1; degree < 6; degree++)
        {
            power = matrix.mv(power);
            lanczos.Quadrature().Sum(p => p.Weight * Math.Pow(p.Node, degree)).ShouldBe(v.dot(power).ToNumber(), 1e-10, $"degree {degree}");
        }

        power = matrix.mv(power);
        Math.Abs(lanczos.Quadrature().Sum(p => p.Weight * Math.Pow(p.Node, 6)) - v.dot(power).ToNumber()).ShouldBeGreaterThan(1e-3);
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.1)]
    public void Curve_integrates_to_one_with_the_same_mean(double width)
    {
        var density = SpectralDensity.Of(new MatrixOperator(Given.Symmetric(Spectrum, 1)), 4);
        var curve = density.Curve(width);
        var step = curve[1].Eigenvalue - curve[0].Eigenvalue;
        (curve.Sum(p => p.Density) * step).ShouldBe(1, 1e-3);
        (curve.Sum(p => p.Density * p.Eigenvalue) * step).ShouldBe(density.Mean.Value, 1e-2);
    }

    [Fact]
    public void Identity_has_all_its_mass_at_one()
    {
        var density = SpectralDensity.Of(new MatrixOperator(eye(6, dtype: ScalarType.Float64)), 1);
        density.Products.ShouldBe(4);
        density.Lowest.ShouldBe(1, 1e-12);
        density.Highest.ShouldBe(1, 1e-12);
        density.Curve().ShouldAllBe(p => double.IsFinite(p.Density));
    }

    [Fact]
    public void Same_seed_gives_the_same_result_and_no_live_tensor_remains()
    {
        var of = new MatrixOperator(Given.Symmetric([5, 3, 1, -1], 1));
        var before = Given.LiveTensors;
        SpectralDensity.Of(of, 3).Probes.SelectMany(p => p).ShouldBe(SpectralDensity.Of(of, 3).Probes.SelectMany(p => p));
        Given.LiveTensors.ShouldBe(before);
    }

    [Fact]
    public void Bad_inputs_are_named()
    {
        var of = new MatrixOperator(eye(2));
        Should.Throw<ArgumentOutOfRangeException>(() => SpectralDensity.Of(of, 1, probes: 1)).ParamName.ShouldBe("probes");
        Should.Throw<ArgumentOutOfRangeException>(() => SpectralDensity.Of(of, 1, steps: 0)).ParamName.ShouldBe("steps");
        Should.Throw<ArgumentOutOfRangeException>(() => SpectralDensity.Of(of, 1).Curve(0)).ParamName.ShouldBe("width");
    }
}
