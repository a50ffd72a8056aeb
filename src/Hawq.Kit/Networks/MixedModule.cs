using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>A Mixed module of Inception-V3: branches side by side, their channels joined (Szegedy et al. 2016, figures 5 to 7, 10).</summary>
internal sealed class MixedModule : nn.Module<Tensor, Tensor>, INetworkUnit, IGraphPart
{
    private readonly (InceptionPooling Pooling, NormalizedConvolution[] Chain, NormalizedConvolution[] Fork)[] _branches;

    public MixedModule(InceptionBranch[] branches, Generator generator)
        : base(nameof(MixedModule)) =>
        _branches = [.. branches.Select(branch => (branch.Pooling, Made(branch.Chain, generator), Made(branch.Fork, generator)))];

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var outputs = _branches.SelectMany(branch => Through(branch.Pooling, branch.Chain, branch.Fork, input)).ToArray();
        return cat(outputs, 1).MoveToOuterDisposeScope();                                   // (N, sum of C_out, H', W')
    }

    public string Describe(INetworkGraph graph, string input) =>
        graph.Joined([.. _branches.SelectMany(branch =>
        {
            var pooled = branch.Pooling switch
            {
                InceptionPooling.Mean => graph.MeanPooled(input, 3, 1, 1),
                InceptionPooling.Halving => graph.MaxPooled(input, 3, 2),
                _ => input,
            };
            var x = branch.Chain.Aggregate(pooled, (y, convolution) => convolution.Describe(graph, y));
            return branch.Fork.Length == 0 ? [x] : branch.Fork.Select(convolution => convolution.Describe(graph, x));
        })]);

    private static IEnumerable<Tensor> Through(
        InceptionPooling pooling, NormalizedConvolution[] chain, NormalizedConvolution[] fork, Tensor input)
    {
        var pooled = pooling switch
        {
            InceptionPooling.Mean => nn.functional.avg_pool2d(input, 3, 1, 1),
            InceptionPooling.Halving => nn.functional.max_pool2d(input, 3, 2),
            _ => input,
        };
        var x = chain.Aggregate(pooled, (y, convolution) => convolution.call(y));
        return fork.Length == 0 ? [x] : fork.Select(convolution => convolution.call(x));
    }

    private NormalizedConvolution[] Made((string Name, ConvolutionShape Shape)[] convolutions, Generator generator) =>
        [.. convolutions.Select(convolution =>
        {
            var made = new NormalizedConvolution(convolution.Shape, InceptionV3.Epsilon, generator);
            register_module(convolution.Name, made);
            return made;
        })];
}
