using static TorchSharp.torch;

namespace Hawq.Kit.Tests;

/// <summary>Quantized networks of five blocks.</summary>
internal static class TinyQuantized
{
    public static int[] MixedBits { get; } = [8, 1, 3, 2, 6];

    /// <summary>A name, a scheme and bits of the inputs.</summary>
    public static TheoryData<string, QuantizationScheme, int> Schemes => new()
    {
        { "least squares", QuantizationScheme.SymmetricPerChannel with { Range = RangeRule.LeastSquares }, 4 },
        { "mid-rise", QuantizationScheme.MidRisePerChannel, 4 },
        { "asymmetric", QuantizationScheme.AsymmetricPerTensor, 8 },
        { "asymmetric, per channel", QuantizationScheme.AsymmetricPerChannel, 6 },
        { "DoReFa", QuantizationScheme.DoReFa, 3 },
        { "PACT", QuantizationScheme.Pact, 2 },
        { "LQ-Nets", QuantizationScheme.LqNets, 2 },
        { "weights alone", QuantizationScheme.LqNets, 32 },
    };

    /// <summary>ResNet8 with moved statistics of batch norm, in evaluation mode.</summary>
    /// <param name="scheme">How weights and inputs are quantized.</param>
    /// <param name="activationBits">Bits of all inputs.</param>
    /// <param name="bits">Bits of the weights, block by block, from the first again when they are used up.</param>
    public static CifarResNet Network(QuantizationScheme scheme, int activationBits, params int[] bits)
    {
        var network = new CifarResNet(8, seed: 1); // its parameters outlive the scope
        using var scope = NewDisposeScope();
        var batch = Given.Pictures.Take(32).Batches(32).First();
        MoveStatistics(network, batch.Inputs);
        var blocks = BlockPartition.ByUnit.Of(network);
        ModelQuantizer.Quantize(network, blocks.Select((block, k) => new BlockPrecision(block, bits[k % bits.Length], activationBits)), scheme, ActivationCalibration.Of(network, [batch]));
        network.eval();
        return network;
    }

    /// <summary>As <see cref="Network"/>, with quantizers that have seen a training step.</summary>
    public static CifarResNet Trained(QuantizationScheme scheme, int activationBits, params int[] bits)
    {
        var network = Network(scheme, activationBits, bits);
        using var batch = Given.Pictures.Take(32).Batches(32).First();
        network.train();
        network.call(batch.Inputs).Dispose();
        network.eval();
        return network;
    }

    /// <summary>Gives batch norms statistics other than 0 and 1, by training steps that change no weight; leaves the network in evaluation mode.</summary>
    public static void MoveStatistics(Network network, Tensor inputs)
    {
        using var _ = no_grad();
        network.train();
        for (var k = 0; k < 20; k++)
        {
            network.call(inputs).Dispose();
        }

        network.eval();
    }
}
