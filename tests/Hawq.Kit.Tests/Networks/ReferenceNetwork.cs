using System.Runtime.InteropServices;
using System.Text.Json;
using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Networks;

/// <summary>Logits that References/make_networks.py recorded, and the formula by which both sides fill the weights.</summary>
internal sealed class ReferenceNetwork(string name)
{
    private const int Input = 1 << 20;
    private const int Every = 5;

    private readonly JsonElement _json = JsonDocument.Parse(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "References", name + ".json"))).RootElement;

    public long Parameters => _json.GetProperty("parameters").GetInt64();

    public static void Fill(Network network)
    {
        using var _ = no_grad();
        var state = network.state_dict().Where(entry => !entry.Key.EndsWith("num_batches_tracked", StringComparison.Ordinal))
            .OrderBy(entry => entry.Key, StringComparer.Ordinal).ToList();
        for (var k = 0; k < state.Count; k++)
        {
            var (entry, value) = state[k];
            var fanIn = value.numel() / value.shape[0];
            Func<double, double> scaled = (value.dim(), entry.Split('.')[^1]) switch
            {
                ( > 1, _) => u => u * Math.Sqrt(6.0 / fanIn),
                (_, "running_var") => u => 1 + (0.5 * Math.Abs(u)),
                (_, "weight") => u => 1 + (0.2 * u),
                _ => u => 0.1 * u,
            };
            Uniform(k, scaled, MemoryMarshal.Cast<byte, float>(value.bytes));
        }
    }

    /// <summary>Largest difference from the reference, relative to its largest value, after one call in evaluation or training mode.</summary>
    public double Difference(Network network, string mode) =>
        Difference(mode, network.call(Pictures(mode).to(network.parameters().First().dtype)));

    public double AuxiliaryDifference(Tensor auxiliary) => Difference(_json.GetProperty("training").GetProperty("auxiliary"), auxiliary);

    /// <summary>The same for the batch norm statistics that a call in training mode left behind.</summary>
    public double StatisticsDifference(Network network)
    {
        var statistics = _json.GetProperty("statistics");
        return Difference(statistics.GetProperty("values"), network.state_dict()[statistics.GetProperty("name").GetString()!]);
    }

    public Tensor Pictures(string mode)
    {
        var pictures = zeros(_json.GetProperty(mode).GetProperty("input").EnumerateArray().Select(size => size.GetInt64()).ToArray());
        Uniform(Input, u => 2 * u, MemoryMarshal.Cast<byte, float>(pictures.bytes));
        return pictures;
    }

    public double Difference(string mode, Tensor logits) => Difference(_json.GetProperty(mode).GetProperty("logits"), logits);

    private static double Difference(JsonElement expected, Tensor actual)
    {
        var reference = expected.EnumerateArray().Select(x => x.GetDouble()).ToArray();
        var values = actual.detach().contiguous().flatten().to(float64).data<double>().ToArray().Where((_, i) => i % Every == 0).ToArray();
        values.Length.ShouldBe(reference.Length);
        return values.Zip(reference, (a, b) => Math.Abs(a - b)).Max() / reference.Max(Math.Abs);
    }

    private static void Uniform(int k, Func<double, double> scaled, Span<float> target)
    {
        for (var i = 0; i < target.Length; i++)
        {
            var z = (((ulong)k << 32) + (ulong)i + 1) * 0x9E3779B97F4A7C15UL;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
            z ^= z >> 31;
            target[i] = (float)scaled(((z >> 40) / 8388608.0) - 1);
        }
    }
}
