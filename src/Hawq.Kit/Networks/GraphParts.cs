using TorchSharp.Modules;

namespace Hawq.Kit;

/// <summary>The operations of parts, one after the other.</summary>
internal static class GraphParts
{
    public static string Describe(this Sequential parts, INetworkGraph graph, string input) =>
        parts.children().Aggregate(input, (x, part) => part switch
        {
            IGraphPart known => known.Describe(graph, x),
            Sequential inner => inner.Describe(graph, x),
            WeightLayer layer => graph.Layer(layer, x),
            BatchNorm2d norm => graph.Normalized(norm, x),
            _ => throw new NotSupportedException($"A part of type {part.GetType().Name} tells no operations; expected one of the kit's."),
        });
}
