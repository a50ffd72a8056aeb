namespace Hawq.Kit;

/// <summary>A part of a network that can tell its operations.</summary>
internal interface IGraphPart
{
    /// <summary>Tells its forward pass to <paramref name="graph"/>; returns the name of its output.</summary>
    string Describe(INetworkGraph graph, string input);
}
