using TorchSharp;
using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Networks;

internal static class Parity
{
    private const double Tolerance = 1e-4;

    public static void Check(Network network, ReferenceNetwork reference, ScalarType evaluation = ScalarType.Float32)
    {
        network.parameters().Sum(p => p.numel()).ShouldBe(reference.Parameters);
        ReferenceNetwork.Fill(network);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        network.to(evaluation);
        network.eval();
        reference.Difference(network, "evaluation").ShouldBeLessThan(Tolerance);
        network.to(ScalarType.Float64); // see make_networks.py
        network.train();
        reference.Difference(network, "training").ShouldBeLessThan(Tolerance);
        reference.StatisticsDifference(network).ShouldBeLessThan(Tolerance);
    }

    public static void LeavesNoTensor(Network network, long side)
    {
        using var input = zeros(2, 3, side, side);
        using (network.call(input))
        {
        }

        var before = Given.LiveTensors;
        using (network.call(input))
        {
        }

        Given.LiveTensors.ShouldBe(before);
    }
}
