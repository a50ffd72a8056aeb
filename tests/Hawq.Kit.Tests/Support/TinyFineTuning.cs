using static TorchSharp.torch;

namespace Hawq.Kit.Tests;

/// <summary>A fine-tuning of ResNet8 that takes a second.</summary>
internal static class TinyFineTuning
{
    public static ImageSet Few { get; } = Given.Pictures.Take(32);

    public static BitAllocation Bits(Network network)
    {
        using var batch = Few.Batches(32).First();
        return HessianAnalysis.Of(network, nn.CrossEntropyLoss(), [batch]).WithTopEigenvalues(tolerance: 0.5, maximum: 3).Run(1)
            .SensitivityTo(network, QuantizationScheme.SymmetricPerChannel, CurvatureMeasure.TopEigenvalue, 2, 4)
            .AllocateByHand("test", 4, 2, 4, 2, 4);
    }

    public static BlockwiseFineTuning Recipe(Network network) => BlockwiseFineTuning.Of(network, Bits(network), activationBits: 4).WithBatchSize(32);
}
