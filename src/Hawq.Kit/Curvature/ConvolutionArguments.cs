using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>What the derivative of one of the three maps needs: each of its two arguments only where the other one moves.</summary>
/// <remarks>Behind the block weights stand still, and then no picture-sized argument is kept: half of a graph's memory.</remarks>
internal sealed class ConvolutionArguments : IDisposable
{
    private const string MovesKey = "moves";
    private const string GeometryKey = "geometry";

    private readonly List<Tensor> _kept;

    private ConvolutionArguments(autograd.AutogradContext context)
    {
        _kept = context.get_saved_variables();
        Geometry = (ConvolutionGeometry)context.get_data(GeometryKey);
        (FirstMoves, SecondMoves) = ((bool, bool))context.get_data(MovesKey);
    }

    public ConvolutionGeometry Geometry { get; }

    /// <summary>Whether a derivative by the first argument is asked for.</summary>
    public bool FirstMoves { get; }

    public bool SecondMoves { get; }

    /// <summary>It is there if the second one moves.</summary>
    public Tensor First => _kept[0];

    /// <summary>It is there if the first one moves.</summary>
    public Tensor Second => _kept[^1];

    /// <summary>Keeps a node's arguments: two tensors and the sizes.</summary>
    public static ConvolutionGeometry Keep(autograd.AutogradContext context, object[] arguments)
    {
        var (first, second, geometry) = ((Tensor)arguments[0], (Tensor)arguments[1], (ConvolutionGeometry)arguments[2]);
        var moves = (First: first.requires_grad, Second: second.requires_grad);
        context.save_for_backward([.. moves.Second ? new[] { first } : [], .. moves.First ? new[] { second } : []]);
        context.save_data(GeometryKey, geometry);
        context.save_data(MovesKey, moves);
        return geometry;
    }

    /// <summary>What was kept.</summary>
    public static ConvolutionArguments Of(autograd.AutogradContext context) => new(context);

    public void Dispose() => _kept.ForEach(tensor => tensor.Dispose());
}
