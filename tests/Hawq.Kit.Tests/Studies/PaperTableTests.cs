namespace Hawq.Kit.Tests.Studies;

/// <summary>The paper's sizes and compression from the networks' own weights.</summary>
public class PaperTableTests
{
    public static TheoryData<string> Tables => ["ResNet20", "ResNet50", "InceptionV3", "SqueezeNext"];

    [Theory]
    [MemberData(nameof(Tables))]
    public void Printed_compression_and_size_follow_from_the_bits(string name)
    {
        var table = Named(name);
        foreach (var row in table.Rows)
        {
            if (row.ComputedCompression is { } compression)
            {
                compression.ShouldBe(row.WeightCompression, 0.0055, row.Method);
            }

            if (row.Mebibytes is { } size)
            {
                var baseline = row.Method is "HAQ" or "Deep Compression" ? 97.49 : table.BaselineMebibytes!.Value;
                (baseline / (row.ComputedCompression ?? row.WeightCompression)).ShouldBe(size, size > 10 ? 0.051 : 0.0056, row.Method);
            }
        }
    }

    [Fact]
    public void Bits_of_HAWQ_on_ResNet20_are_the_appendix_s()
    {
        using var network = new CifarResNet(depth: 20);
        Compression(network, [8, 6, 6, 8, 3, 3, 3, 2, 2, 2, 3]).ShouldBe(PaperTable.ResNet20.Rows[^1].ComputedCompression!.Value, 1e-9);
    }

    [Fact]
    public void Direct_of_Inception_spares_the_stem()
    {
        using var network = new InceptionV3();
        Compression(network, [4, 4, 4, 4, 4, .. Enumerable.Repeat(2, 12)]).ShouldBe(PaperTable.InceptionV3.Rows[4].ComputedCompression!.Value, 1e-9);
    }

    [Fact]
    public void Direct_of_SqueezeNext_spares_first_and_last_layer()
    {
        using var network = new SqueezeNext();
        Compression(network, [8, .. Enumerable.Repeat(3, 22), 8]).ShouldBe(PaperTable.SqueezeNext.Rows[2].ComputedCompression!.Value, 1e-9);
    }

    [Theory]
    [InlineData("ResNet50", 97.8)]
    [InlineData("Inception-V3", 91.2)]
    [InlineData("SqueezeNext", 10.1)]
    public void Bytes_of_the_tensors_are_those_of_PyTorch_and_the_file_is_the_papers_baseline(string name, double paper)
    {
        using Network network = name switch
        {
            "ResNet50" => new ImageNetResNet(),
            "Inception-V3" => new InceptionV3(),
            _ => new SqueezeNext(),
        };
        var reference = Given.Reference("network_sizes.json").GetProperty(name);
        var size = NetworkSize.Of(network);
        (size.Weights, size.OtherParameters, size.Statistics, size.Counters).ShouldBe(
            (Bytes("weights"), Bytes("other parameters"), Bytes("statistics"), Bytes("counters")));
        var (legacy, zip) = (Bytes("legacy"), Bytes("zip"));
        size.Bytes.ShouldBeLessThan(legacy);
        paper.ShouldBeInRange((legacy / 1048576.0) - 0.06, (zip / 1048576.0) + 0.05); // the rest is names and headers

        long Bytes(string part) => reference.GetProperty(part).GetInt64();
    }

    /// <summary>The published list of HAQ, whose ratio is known: 10.04×, 9.69 MiB (derived in paper.md from HAQ's README).</summary>
    [Fact]
    public void Bits_of_HAQ_give_its_compression()
    {
        int[] bits =
        [
            6, 6, 5, 5, 5, 5, 4, 5, 5, 4, 5, 5, 5, 5, 5, 5, 3, 5, 4, 3, 5, 4, 3, 4, 4, 4, 2,
            5, 4, 3, 3, 5, 3, 2, 5, 3, 2, 4, 3, 2, 5, 3, 2, 5, 3, 4, 2, 5, 2, 3, 4, 2, 3, 4,
        ];
        using var network = new ImageNetResNet();
        var layers = BlockPartition.ByLayer.Of(network); // conv1; c1 c2 c3 projection of each unit; fc
        layers.Count.ShouldBe(bits.Length);
        var total = layers.Zip(bits, (layer, b) => b * layer.WeightCount).Sum();
        (32.0 * 25_502_912 / total).ShouldBe(10.04, 0.005);
        (total / 8 / 1048576.0).ShouldBe(9.69, 0.005);
    }

    [Fact]
    public void Table_shows_printed_and_computed_columns() =>
        PaperTable.ResNet50.ToDataFrame().Columns.Select(column => column.Name).ShouldContain("computed, W-Comp [×]");

    [Fact]
    public void Table_of_a_network_without_printed_sizes_has_no_columns_of_sizes()
    {
        var names = PaperTable.ResNet20.ToDataFrame().Columns.Select(column => column.Name).ToList();
        names.ShouldNotContain(name => name.Contains("size"));
        names[^1].ShouldBe("source");
    }

    private static PaperTable Named(string name) => name switch
    {
        "ResNet20" => PaperTable.ResNet20,
        "ResNet50" => PaperTable.ResNet50,
        "InceptionV3" => PaperTable.InceptionV3,
        _ => PaperTable.SqueezeNext,
    };

    private static double Compression(Network network, int[] bits)
    {
        var blocks = BlockPartition.ByUnit.Of(network);
        blocks.Count.ShouldBe(bits.Length);
        return 32.0 * blocks.Sum(block => block.WeightCount) / blocks.Zip(bits, (block, b) => b * block.WeightCount).Sum();
    }
}
