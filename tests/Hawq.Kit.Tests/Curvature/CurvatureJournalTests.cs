using System.Text.Json;
using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Curvature;

public class CurvatureJournalTests
{
    [Fact]
    public void A_stopped_run_goes_on_and_gives_the_same_report()
    {
        using var folder = new TemporaryFolder();
        using var network = new CifarResNet(8);
        var file = Path.Combine(folder.Path, "curvature.safetensors");
        var analysis = HessianAnalysis.Of(network, nn.CrossEntropyLoss(), Given.Pictures.Take(4).Batches(4).ToArray())
            .WithTopEigenvalues(2, maximum: 3).WithTrace(maximum: 8).WithSpectralDensity(2, 2).WithEmpiricalFisher(3);
        var expected = analysis.Run(1);
        using var source = new CancellationTokenSource();
        var stop = new Listener<CurvatureProgress>(at => { if (at.Done == 2) { source.Cancel(); } });
        Should.Throw<OperationCanceledException>(() => analysis.WithCheckpoint(file).Run(1, stop, source.Token));
        var visited = new List<int>();
        var report = analysis.WithCheckpoint(file).Run(1, new Listener<CurvatureProgress>(at => visited.Add(at.Done)));
        visited[0].ShouldBe(2);
        Numbers(report).ShouldBe(Numbers(expected));
        Numbers(analysis.WithCheckpoint(file).Run(1)).ShouldBe(Numbers(expected));
        report.Blocks.ShouldAllBe(block => ReferenceEquals(block.Block.Weights[0], network.get_parameter(block.Block.LayerNames[0] + ".weight")));
    }

    [Fact]
    public void A_file_of_another_analysis_is_refused()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "curvature.safetensors");
        var (model, batches) = (Given.TinyNetwork(), Given.TinyBatches(5));
        var analysis = HessianAnalysis.Of(model, nn.CrossEntropyLoss(), batches).WithTrace().WithCheckpoint(file);
        analysis.Run(1);
        Refused(() => analysis.Run(2));
        Refused(() => analysis.WithTrace(0.1).Run(1));
        Refused(() => HessianAnalysis.Of(model, nn.CrossEntropyLoss(), Given.TinyBatches(6)).WithTrace().WithCheckpoint(file).Run(1));
        var smooth = new TorchSharp.Modules.CrossEntropyLoss(label_smoothing: 0.1); // of the same type
        Refused(() => HessianAnalysis.Of(model, smooth, batches).WithTrace().WithCheckpoint(file).Run(1));
        using (no_grad())
        {
            model.parameters().First().mul_(2);
        }

        Refused(() => analysis.Run(1));

        static void Refused(Action run)
        {
            var message = Should.Throw<InvalidOperationException>(run).Message;
            message.ShouldContain("is the checkpoint of another analysis: it");
            message.ShouldEndWith("Delete it, or give this analysis its own file.");
        }
    }

    [Theory]
    [InlineData("products", "")]
    [InlineData("blocks", "[1")]
    [InlineData("blocks", "null")]
    [InlineData("blocks", "[null]")]
    [InlineData("loss", "much")]
    public void A_damaged_file_is_named(string key, string value)
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "curvature.safetensors");
        var analysis = HessianAnalysis.Of(Given.TinyNetwork(), nn.CrossEntropyLoss(), Given.TinyBatches(5)).WithTrace().WithCheckpoint(file);
        analysis.Run(1);
        Safetensors.Write(file, [], new Dictionary<string, string>(Safetensors.ReadMetadata(file)) { [key] = value });
        Should.Throw<InvalidDataException>(() => analysis.Run(1)).Message.ShouldContain("Delete it to measure from the start");
    }

    private static string Numbers(CurvatureReport report) => JsonSerializer.Serialize(
        new { report.Loss, report.Products, report.Settings, report.SampleHash, Blocks = report.Blocks.Select(b => new { b.Eigenvalues, b.Trace, b.Density, b.Fisher, b.TopEigenvector }) },
        Options);

    private static JsonSerializerOptions Options { get; } = new() { IncludeFields = true };
}
