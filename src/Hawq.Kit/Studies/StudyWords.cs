namespace Hawq.Kit;

/// <summary>Says in words what decides a result, so that nothing is taken for something else.</summary>
internal static class StudyWords
{
    /// <summary>The kit and libtorch's binding: numbers of different versions are not mixed.</summary>
    public static string Versions { get; } =
        $"kit {LibraryVersion.Kit}, TorchSharp {LibraryVersion.TorchSharp}";

    /// <summary>Names a float network by architecture, device and a hash over its whole state.</summary>
    public static string Of(Network network) =>
        $"{network.Architecture} on {network.parameters().First().device.type}, state {ModelFingerprint.Of(network)}";

    /// <summary>All that decides a curvature report beside its seed and the network's state.</summary>
    public static string Of(HessianAnalysis analysis)
    {
        var risk = new EmpiricalRisk(analysis.Model, analysis.Loss, analysis.Batches);
        var loss = FormattableString.Invariant($"mean loss {risk.Value():G3}"); // tells losses of one type apart, as with label smoothing
        return $"{HessianRun.Words(analysis, risk, analysis.Partition.Of(analysis.Model))}; {loss}";
    }
}
