using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>The share of some samples in a block's Hessian, from their graph.</summary>
internal sealed class PartHessian(GradientGraph graph, Block block) : LinearOperator
{
    public override long Dimension => block.WeightCount;

    public override ScalarType Type => block.Weights[0].dtype;

    public override Device Device => block.Weights[0].device;

    public override Tensor Multiply(Tensor v)
    {
        NotebookEngine.ThrowIfInterrupted();
        return graph.Product(v).RequireFinite(block);
    }
}
