using System.Globalization;
using System.Text.Json;

namespace Hawq.Kit.Tests.Allocation;

/// <summary>The 18 integer programs that HAWQ-V3 publishes; see the provenance in the fixture.</summary>
public class PublishedProgramTests
{
    private static readonly JsonElement Reference = JsonDocument.Parse(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "References", "hawq-v3-ilp.json"))).RootElement;

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, 18)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Bits_equal_the_published_ones(int index)
    {
        var published = Reference.GetProperty("cases")[index];
        var layers = new Layers(published.GetProperty("network").GetString()!);
        var kind = published.GetProperty("budget").GetString()!;
        var (least, most) = (layers.Cost(kind, layers.Bits('4')), layers.Cost(kind, layers.Bits('8')));
        var limit = least + (published.GetProperty("share").GetDouble() * (most - least));
        limit.ShouldBe(Number("limit"), 5.001e-4);

        var found = layers.Table().Allocate(layers.Budget(kind, limit), monotone: false);

        var bits = string.Concat(found.Blocks.Select(block => block.Bits));
        bits.ShouldBe(published.GetProperty("bits").GetString());
        layers.Cost(kind, bits).ShouldBe(Number("cost"), 5.001e-4);
        layers.Cost(kind, bits).ShouldBe(layers.InUnits(kind, found.Budgets[0].Used), 1e-9);
        var gain = layers.Table().Uniform(4).Perturbation - found.Perturbation;
        gain.ShouldBe(Number("gain"), 5.001e-5);

        double Number(string name) => published.GetProperty(name).GetDouble();
    }

    /// <summary>With two bit widths the relaxation fills layers by saving ÷ load; the price is the ratio of the layer that is cut.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void Price_is_the_ratio_of_the_layer_that_the_relaxation_cuts(int index)
    {
        var published = Reference.GetProperty("cases")[index];
        var layers = new Layers(published.GetProperty("network").GetString()!);
        var kind = published.GetProperty("budget").GetString()!;
        var (least, most) = (layers.Cost(kind, layers.Bits('4')), layers.Cost(kind, layers.Bits('8')));
        var room = published.GetProperty("share").GetDouble() * (most - least);

        var price = layers.Table().Allocate(layers.Budget(kind, least + room), monotone: false).Budgets[0].Price;

        var cut = layers.Groups().Select(group => (Saved: group.Sum(layers.Saved), Load: group.Sum(layer => layers.Load(kind, layer, 8) - layers.Load(kind, layer, 4))))
            .OrderByDescending(group => group.Saved / group.Load).First(group => (room -= group.Load) < 0);
        (price / layers.UnitsPerUnit(kind)).ShouldBe(cut.Saved / cut.Load, 1e-6 * price);
    }

    private sealed class Layers(string network)
    {
        private readonly JsonElement _data = Reference.GetProperty("networks").GetProperty(network);
        private readonly double _million = network == "resnet18" ? 1 : 1e6;
        private readonly double _megabyte = network == "resnet18" ? 1 << 20 : 1e6;

        private int Count => _data.GetProperty("params").GetArrayLength();

        public string Bits(char bits) => new(bits, Count);

        public double Saved(int layer) => Value("avg_trace", layer) * (Value("dw2_4bit", layer) - Value("dw2_8bit", layer));

        public double Load(string kind, int layer, int bits) => kind switch
        {
            "modelsize" => Value("params", layer) * _million * bits / 8 / _megabyte,
            "bops" => Value("macs", layer) * _million / 1e6 * bits * bits / 1024,
            _ => Value($"lat_int{bits}_ms", layer),
        };

        public double Cost(string kind, string bits) => bits.Select((b, layer) => Load(kind, layer, b - '0')).Sum();

        /// <summary>The notebook's units in one of the kit's (MiB, GBOPs, ms).</summary>
        public double UnitsPerUnit(string kind) => kind switch { "modelsize" => (1 << 20) / _megabyte, "bops" => 1e3 / 1024, _ => 1 };

        public double InUnits(string kind, double used) => used * UnitsPerUnit(kind);

        public Budget Budget(string kind, double limit)
        {
            var units = limit / UnitsPerUnit(kind);
            var budget = kind switch { "modelsize" => Kit.Budget.ModelSize(units), "bops" => Kit.Budget.BitOperations(units), _ => Kit.Budget.Latency(units) };
            return Tied().Aggregate(budget, (all, pair) => all.Tied(Name(pair[0]), Name(pair[1])));
        }

        public IEnumerable<int[]> Groups()
        {
            var tied = Tied();
            return tied.Concat(Enumerable.Range(0, Count).Where(layer => !tied.Exists(pair => pair.Contains(layer))).Select(layer => (int[])[layer]));
        }

        public SensitivityTable Table() => SensitivityTable
            .Of(CurvatureMeasure.AverageTrace, QuantizationScheme.SymmetricPerChannel, [4, 8], [.. Enumerable.Range(0, Count).Select(layer =>
                new SensitivityRow(Name(layer), Whole("params", layer), Value("avg_trace", layer), [Value("dw2_4bit", layer), Value("dw2_8bit", layer)]))])
            .WithMultiplyAccumulates(Enumerable.Range(0, Count).ToDictionary(Name, layer => Whole("macs", layer)))
            .WithLatency(from layer in Enumerable.Range(0, Count)
                         from bits in (int[])[4, 8]
                         select new LayerLatency(Name(layer), bits, Value($"lat_int{bits}_ms", layer)));

        private List<int[]> Tied() => [.. _data.GetProperty("tied").EnumerateArray().Select(pair => pair.EnumerateArray().Select(layer => layer.GetInt32()).ToArray())];

        private long Whole(string name, int layer) => (long)Math.Round(Value(name, layer) * _million);

        private double Value(string name, int layer) => _data.GetProperty(name)[layer].GetDouble();

        private static string Name(int layer) => layer.ToString(CultureInfo.InvariantCulture);
    }
}
