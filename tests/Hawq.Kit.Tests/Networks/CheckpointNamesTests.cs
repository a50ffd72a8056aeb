using System.Text.Json;

namespace Hawq.Kit.Tests.Networks;

/// <summary>Names and shapes that References/make_checkpoint_names.py recorded from pytorchcv's and torchvision's own networks.</summary>
public class CheckpointNamesTests
{
    private static readonly JsonElement Recorded = JsonDocument.Parse(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "References", "checkpoint_names.json"))).RootElement;

    [Theory]
    [InlineData("pytorchcv resnet50b")]
    [InlineData("pytorchcv inceptionv3")]
    [InlineData("pytorchcv sqnxt23_w2")]
    [InlineData("pytorchcv sqnxt23v5_w3d2")]
    [InlineData("torchvision resnet50")]
    [InlineData("torchvision inception_v3")]
    public void Every_tensor_of_a_public_checkpoint_has_its_place_in_order_and_of_its_shape(string model)
    {
        using var network = Made(model);
        var found = InOrder(Recorded.GetProperty(model).EnumerateObject(), entry => entry.Name)
            .Select(entry => (Name: network.NameInNetwork(entry.Name), Shape: string.Join(",", entry.Value.EnumerateArray())))
            .Where(entry => entry.Name is not null).ToList();
        var ours = InOrder(network.state_dict(), entry => entry.Key).Select(entry => (Name: (string?)entry.Key, Shape: string.Join(",", entry.Value.shape))).ToList();
        found.Except(ours).ShouldBeEmpty();
        found.SequenceEqual(ours).ShouldBeTrue(); // both list a network from its input to its output, so a swap of equal shapes shows too
    }

    [Theory]
    [InlineData("features.stage1.unit4.branches.branch1.conv.conv.weight")]
    [InlineData("features.stage1.unit1.branches.branch9.conv.conv.weight")]
    [InlineData("features.stage1.unit1.branches.branch1.conv_list.conv7.conv.weight")]
    [InlineData("features.stage1.unit1.branches.branch1.conv1x3.conv.weight")]
    public void Name_of_no_part_of_Inception_stays_and_so_is_listed_as_unexpected(string name)
    {
        using var network = new InceptionV3(classes: 2);
        network.NameInNetwork(name).ShouldBe(name);
    }

    [Fact]
    public void Checkpoint_by_the_names_of_pytorchcv_loads_and_lists_what_is_missing()
    {
        using var folder = new TemporaryFolder();
        using var source = new InceptionV3(classes: 2, seed: 1);
        var theirs = InOrder(Recorded.GetProperty("pytorchcv inceptionv3").EnumerateObject(), entry => entry.Name).Select(entry => entry.Name);
        var tensors = theirs.Zip(InOrder(source.state_dict(), entry => entry.Key).Select(entry => entry.Value)).ToList();
        Safetensors.Write(folder["whole.safetensors"], tensors, null);
        using var loaded = new InceptionV3(classes: 2, seed: 2).LoadWeights(folder["whole.safetensors"]);
        CifarResNetTests.Same(source, loaded).ShouldBeTrue();
        Safetensors.Write(folder["part.safetensors"], tensors.Skip(1).Append(("features.stage9.conv.weight", tensors[0].Second)), null);
        var message = Should.Throw<InvalidDataException>(() => loaded.LoadWeights(folder["part.safetensors"])).Message;
        message.ShouldContain("missing: Conv2d_1a_3x3.conv.weight; unexpected: features.stage9.conv.weight");
    }

    /// <summary>PyTorch lists parameters and statistics of a layer together, TorchSharp those of the network apart: first parameters.</summary>
    private static IEnumerable<T> InOrder<T>(IEnumerable<T> entries, Func<T, string> name) => entries.OrderBy(entry =>
        name(entry).Contains(".running_", StringComparison.Ordinal) || name(entry).EndsWith("num_batches_tracked", StringComparison.Ordinal));

    private static Network Made(string model) => model switch
    {
        "pytorchcv resnet50b" or "torchvision resnet50" => new ImageNetResNet(),
        "pytorchcv inceptionv3" => new InceptionV3(),
        "torchvision inception_v3" => new InceptionV3(auxiliary: true),
        "pytorchcv sqnxt23_w2" => new SqueezeNext(),
        _ => new SqueezeNext(SqueezeNextVersion.V23v5, 1.5),
    };
}
