using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Curvature;

public class LossLandscapeTests
{
    [Fact]
    public void Linear_regression_is_the_closed_form_along_the_top_eigenvector()
    {
        var (model, batches, gram, gradient, loss) = Regression();
        var report = LossLandscape.Of(model, nn.MSELoss(), batches).AlongEigenvectors("only").WithGrid(2, 9).Run(3);
        var (values, vectors) = linalg.eigh(gram);
        var (λ, g) = (values[-1].ToNumber(), Math.Abs(gradient.dot(vectors.select(1, 2)).ToNumber()));
        report.Directions[0].Curvature.ShouldBe(λ, 1e-5 * λ);
        Math.Abs(report.Directions[0].Slope).ShouldBe(g, 1e-4);
        for (var k = 0; k < 9; k++)
        {
            var t = report.Steps[k];
            t.ShouldBe(-2 + (0.5 * k), 1e-12);
            var signed = Math.Sign(report.Directions[0].Slope) * g;                         // an eigenvector's sign is free
            report.Losses[k][0].ShouldBe(loss + (signed * t) + (0.5 * λ * t * t), 1e-3);
            report.Losses[k][0].ShouldBe(report.Quadratic(t), 1e-10);
        }
    }

    [Fact]
    public void Linear_regression_is_a_sum_of_parabolas_over_two_eigenvectors()
    {
        var (model, batches, _, _, loss) = Regression();
        var report = LossLandscape.Of(model, nn.MSELoss(), batches).AlongEigenvectors("only", 2).WithGrid(1, 5).Run(3);
        for (var i = 0; i < 5; i++)
        {
            for (var j = 0; j < 5; j++)
            {
                var expected = loss + Part(report.Directions[0], report.Steps[i]) + Part(report.Directions[1], report.Steps[j]);
                report.Losses[i][j].ShouldBe(expected, 1e-9);
            }
        }

        static double Part(LandscapeDirection d, double t) => (d.Slope * t) + (0.5 * d.Curvature * t * t);
    }

    [Fact]
    public void Curvature_along_the_eigenvectors_is_what_PyTorch_finds()
    {
        var reference = new TinyReference();
        var report = LossLandscape.Of(reference.Model, nn.CrossEntropyLoss(), reference.Batches(4, 7)).AlongEigenvectors("a", 2).Run(1);
        var expected = reference.Numbers("eigenvalues", "a").OrderByDescending(Math.Abs).ToList();
        report.Directions[0].Curvature.ShouldBe(expected[0], 1e-5);
        report.Directions[1].Curvature.ShouldBe(expected[1], 1e-5);
        report.Losses[10][10].ShouldBe(reference.Loss, 1e-12);
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(12, true)]
    public void An_eigenvector_has_the_residual_of_the_dense_Hessian_and_its_name_says_so_if_that_is_large(int products, bool converged)
    {
        var model = Given.TinyNetwork();
        var (risk, block) = (new EmpiricalRisk(model, nn.CrossEntropyLoss(), Given.TinyBatches(11)), BlockPartition.ByLayer.Of(model)[0]);
        using var scope = NewDisposeScope();
        var (direction, v) = new DirectionFinder(risk, block, 1) { MostProducts = products }.Eigenvectors(1, 1, default)[0];
        using var graphs = new GradientGraphs(risk, [block], 1);
        var rest = Given.Dense(new HessianOperator(graphs, 0)).mv(v) - (direction.Curvature * v);
        direction.Eigenpair!.Value.ShouldBe(direction.Curvature, 1e-10);
        direction.Eigenpair.Residual.ShouldBe((rest.norm() / Math.Abs(direction.Curvature)).ToNumber(), 1e-8);
        direction.Eigenpair.Converged.ShouldBe(converged);
        direction.Name.ShouldBe("eigenvector 1 of a" + (converged ? "" : FormattableString.Invariant($" (residual {direction.Eigenpair.Residual:G2})")));
        new DirectionFinder(risk, block, 1).Random(1, 1)[0].Direction.Eigenpair.ShouldBeNull();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    public void Slope_and_curvature_are_the_finite_differences_along_random_directions(int kept)
    {
        var report = LossLandscape.Of(Given.TinyNetwork(), nn.CrossEntropyLoss(), Given.TinyBatches(5, 6))
            .AlongRandomDirections(1).KeepingGraphsOf(kept).WithGrid(1e-3, 3).Run(2);
        var (low, mid, high) = (report.Losses[0][0], report.Losses[1][0], report.Losses[2][0]);
        report.Directions[0].Slope.ShouldBe((high - low) / 2e-3, 1e-5);
        report.Directions[0].Curvature.ShouldBe((high - (2 * mid) + low) / 1e-6, 1e-4);
    }

    [Fact]
    public void Filters_of_a_random_direction_are_as_long_as_the_networks()
    {
        using var network = new CifarResNet(8);
        var block = BlockPartition.By(_ => "all").Of(network)[0];
        var finder = new DirectionFinder(new EmpiricalRisk(network, nn.CrossEntropyLoss(), Given.Pictures.Take(2).Batches(2)), block, 1);
        using var scope = NewDisposeScope();
        var found = finder.Random(2, 1);
        var at = 0L;
        foreach (var weight in block.Weights)
        {
            var part = found[0].Vector.narrow(0, at, weight.numel()).view(weight.shape[0], -1);
            Given.Distance(part.norm(1), weight.view(weight.shape[0], -1).norm(1)).ShouldBeLessThan(1e-5);
            at += weight.numel();
        }

        at.ShouldBe(found[0].Vector.numel());
        Given.Distance(found[0].Vector, found[1].Vector).ShouldBeGreaterThan(0.1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Model_is_left_bit_for_bit_as_found_and_no_live_tensor_remains(bool cancelled)
    {
        using var network = new CifarResNet(8);
        network.train();
        var before = network.state_dict().ToDictionary(pair => pair.Key, pair => pair.Value.clone());
        var batches = Given.Pictures.Take(4).Batches(4).ToArray();
        using var source = new CancellationTokenSource();
        var landscape = LossLandscape.Of(network, nn.CrossEntropyLoss(), batches).AlongRandomDirections().WithGrid(1, 3);
        var live = Given.LiveTensors;
        if (cancelled)
        {
            var progress = new Listener<LandscapeProgress>(_ => source.Cancel());
            Should.Throw<OperationCanceledException>(() => landscape.Run(1, progress, source.Token));
        }
        else
        {
            landscape.Run(1).Losses.SelectMany(row => row).Distinct().Count().ShouldBeGreaterThan(5);
        }

        Given.LiveTensors.ShouldBe(live);
        network.training.ShouldBeTrue();
        network.parameters().ShouldAllBe(p => p.requires_grad && ReferenceEquals(p.grad, null));
        network.state_dict().ShouldAllBe(pair => Given.Distance(pair.Value, before[pair.Key]) == 0);
    }

    [Fact]
    public void Bad_inputs_are_told_what_to_do()
    {
        var landscape = LossLandscape.Of(Given.TinyNetwork(), nn.CrossEntropyLoss(), Given.TinyBatches(4));
        Should.Throw<InvalidOperationException>(() => landscape.Run(1)).Message.ShouldContain("add AlongEigenvectors(block) or AlongRandomDirections()");
        Should.Throw<ArgumentException>(() => landscape.AlongEigenvectors("c").Run(1)).Message.ShouldBe("There is no block \"c\"; expected one of a, b.");
        Should.Throw<ArgumentOutOfRangeException>(() => landscape.AlongEigenvectors("a", 3)).ParamName.ShouldBe("dimensions");
        Should.Throw<ArgumentOutOfRangeException>(() => landscape.WithGrid(1, 4)).Message.ShouldContain("use an odd number");
    }

    /// <summary>A loss that is linear in the weights has a Hessian of zero, which has one eigenvalue.</summary>
    [Fact]
    public void A_plane_is_refused_where_the_Hessian_shows_one_eigenvector()
    {
        var model = nn.Sequential(("only", nn.Linear(4, 3, hasBias: false)));
        var landscape = LossLandscape.Of(model, nn.HingeEmbeddingLoss(), [new Batch(ones(2, 4), ones(2, 3))]);  // targets of 1: the loss is the output
        Should.Throw<InvalidOperationException>(() => landscape.AlongEigenvectors("only", 2).Run(1))
            .Message.ShouldBe("The Hessian of block \"only\" showed 1 eigenvector, a plane needs two; ask for 1 dimension.");
        landscape.AlongEigenvectors("only").Run(1).Directions[0].Curvature.ShouldBe(0);
    }

    [Fact]
    public void Charts_and_tables_hold_every_point()
    {
        var landscape = LossLandscape.Of(Given.TinyNetwork(), nn.CrossEntropyLoss(), Given.TinyBatches(4)).WithGrid(0.5, 5);
        var (line, plane) = (landscape.AlongEigenvectors("a").Run(1), landscape.AlongRandomDirections().Run(1));
        line.ToDataFrame().Rows.Count.ShouldBe(5);
        plane.ToDataFrame().Rows.Count.ShouldBe(25);
        ((double)plane.ToDataFrame()["loss [nat]"][7]).ShouldBe(plane.Losses[1][2]);
        ChartHtml.Summary(line.PlotLandscape()).ShouldContain("x: t along eigenvector 1 of a, y: loss [nat]");
        ChartHtml.Summary(plane.PlotLandscape()).ShouldContain("x: t along random direction 1, y: t along random direction 2");
        ChartHtml.Summary(plane.PlotLandscape()).ShouldContain("25 points");
        var html = ChartHtml.Of(plane.PlotLandscape());
        html.ShouldContain("\"type\":\"surface\"");
        html.Split("<rect").Length.ShouldBeGreaterThan(25);                                 // the static picture's cells
    }

    /// <summary>y = Wx + noise; its Hessian is 2/N XᵀX, whatever W.</summary>
    private static (nn.Module<Tensor, Tensor> Model, Batch[] Batches, Tensor Gram, Tensor Gradient, double Loss) Regression()
    {
        var model = nn.Sequential(("only", nn.Linear(3, 1, hasBias: false, dtype: ScalarType.Float64)));
        Given.Randomize(model);
        using var generator = new Generator(1);
        var x = randn([20, 3], ScalarType.Float64, generator: generator);
        var y = randn([20, 1], ScalarType.Float64, generator: generator);
        var rest = x.matmul(model.parameters().First().detach().T) - y;
        return (model, [new Batch(x, y)], x.T.matmul(x) * 0.1, (x.T.matmul(rest) * 0.1).view(3), rest.pow(2).mean().ToNumber());
    }
}
