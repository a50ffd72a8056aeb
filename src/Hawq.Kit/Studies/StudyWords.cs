using System.Security.Cryptography;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Says in words what decides a result, so that nothing is taken for something else.</summary>
internal static class StudyWords
{
    /// <summary>The kit and libtorch's binding: numbers of different versions are not mixed.</summary>
    public static string Versions { get; } =
        $"kit {typeof(StudyWords).Assembly.GetName().Version!.ToString(3)}, TorchSharp {typeof(Tensor).Assembly.GetName().Version!.ToString(3)}";

    /// <summary>A scheme with all that its own words leave out.</summary>
    public static string Of(QuantizationScheme scheme)
    {
        var grid = scheme with { Weights = WeightMethod.Estimated };
        var known = scheme.Weights == WeightMethod.Estimated || grid.ToString() == QuantizationScheme.SymmetricPerTensor.ToString();
        var inputs = scheme.Activations switch
        {
            ActivationMethod.Calibrated => "",
            ActivationMethod.LearnedClip => ", inputs with learned clip",
            _ => ", inputs with learned step",
        };
        var range = scheme.ActivationRange == RangeRule.MinMax ? "" : $", inputs {scheme.ActivationRange}";
        return $"{scheme}{(known ? "" : $" ({grid})")}{inputs}{range}";
    }

    /// <summary>Names a float network by architecture, device and a hash over its whole state.</summary>
    public static string Of(Network network)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var scope = NewDisposeScope();
        foreach (var (name, value) in network.state_dict())
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(name));
            hash.AppendData(value.detach().cpu().contiguous().bytes.ToArray());
        }

        return $"{network.Architecture} on {network.parameters().First().device.type}, state {Convert.ToHexStringLower(hash.GetHashAndReset())[..16]}";
    }

    /// <summary>All that decides a curvature report beside its seed and the network's state.</summary>
    public static string Of(HessianAnalysis analysis)
    {
        var blocks = analysis.Partition.Of(analysis.Model).Select(block => $"{block.Name} ({string.Join(", ", block.LayerNames)})");
        var samples = new EmpiricalRisk(analysis.Model, analysis.Loss, analysis.Batches).SampleHash;
        return $"{analysis.Describe()}; {analysis.Loss.GetType().Name}; samples {samples}; {string.Join(", ", blocks)}";
    }
}
