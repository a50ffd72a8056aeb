using TorchSharp;
using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Curvature;

public class CheapDerivativesTests
{
    [Fact]
    public void Gradient_and_product_of_the_whole_network_are_those_of_libtorch()
    {
        using var network = new CifarResNet(8, seed: 3);
        network.to(ScalarType.Float64);
        network.eval();
        var batch = Given.Pictures.Take(3).Batches(3).Single();
        var inputs = batch.Inputs.to(ScalarType.Float64);
        var weights = BlockPartition.ByUnit.Of(network).SelectMany(block => block.Weights).Cast<Tensor>().ToList();
        var directions = weights.Select(weight => ones_like(weight)).ToList();
        var (gradients, products) = Derivatives();
        using (new CheapDerivatives(network))
        {
            var (cheapGradients, cheapProducts) = Derivatives();
            for (var k = 0; k < weights.Count; k++)
            {
                Relative(cheapGradients[k], gradients[k]).ShouldBeLessThan(1e-9);
                Relative(cheapProducts[k], products[k]).ShouldBeLessThan(1e-9);
            }
        }

        Relative(Derivatives().Products[0], products[0]).ShouldBeLessThan(1e-12);

        (Tensor[] Gradients, Tensor[] Products) Derivatives()
        {
            var loss = nn.functional.cross_entropy(network.call(inputs), batch.Targets);
            Tensor[] first = [.. autograd.grad([loss], weights, null, retain_graph: true, create_graph: true)];
            return (first, [.. autograd.grad(first, weights, directions, retain_graph: true)]);
        }

        static double Relative(Tensor left, Tensor right) => ((left - right).norm() / right.norm()).ToNumber();
    }
}
