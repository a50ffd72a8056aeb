using System.Security.Cryptography;
using System.Text.Json;
using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Curvature;

/// <summary>The committed ResNet20's curvature against PyTorch's and SciPy's; see References/resnet20_curvature.py.</summary>
public class PyTorchReferenceTests
{
    private static readonly JsonElement Reference =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "References", "resnet20-curvature.json"))).RootElement;

    [Fact]
    public void Reference_is_of_the_committed_checkpoint() =>
        Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Model()))).ShouldBe(
            Reference.GetProperty("model sha256").GetString(), "The checkpoint was replaced: run References/resnet20_curvature.py again.");

    [Theory]
    [InlineData("blocks")]
    [InlineData("layers")]
    [Trait("Category", "Slow")]
    public void Top_eigenvalues_agree_with_PyTorch_within_one_per_cent(string partition)
    {
        var report = Analysis(partition == "blocks" ? BlockPartition.ByUnit : BlockPartition.ByLayer).WithTopEigenvalues(tolerance: 0.01).Run(seed: 11);
        report.Loss.ShouldBe(Reference.GetProperty("loss").GetDouble(), 1e-4);
        var expected = Reference.GetProperty(partition);
        report.Blocks.Select(block => block.Block.Name).ShouldBe(expected.EnumerateObject().Select(entry => entry.Name));
        foreach (var block in report.Blocks)
        {
            var reference = expected.GetProperty(block.Block.Name).GetProperty("lambda").GetDouble();
            (block.TopEigenvalue / reference).ShouldBe(1, 0.01, block.Block.Name);
        }
    }

    [Fact]
    [Trait("Category", "Slow")]
    public void Traces_agree_with_PyTorch_within_their_stated_errors()
    {
        var report = Analysis(BlockPartition.ByUnit).WithTrace(relativeError: 0.08, maximum: 60).Run(seed: 11);
        foreach (var block in report.Blocks)
        {
            var reference = Reference.GetProperty("blocks").GetProperty(block.Block.Name);
            var error = double.Hypot(block.Trace!.StandardError, reference.GetProperty("traceStandardError").GetDouble());
            Math.Abs(block.Trace.Value - reference.GetProperty("trace").GetDouble()).ShouldBeLessThan(4 * error, block.Block.Name);
        }
    }

    private static HessianAnalysis Analysis(BlockPartition partition) => HessianAnalysis.Of(
        new CifarResNet(20).LoadWeights(Model()), nn.CrossEntropyLoss(),
        [.. Given.Pictures.Take((int)Reference.GetProperty("pictures").GetInt64()).Batches(32)]).PartitionedBy(partition);

    private static string Model() => Path.Combine(Given.Root, "models", "resnet20-cifar10.safetensors");
}
