namespace Hawq.Kit.Tests.Data;

public class Cifar10Tests
{
    [Theory]
    [InlineData("cifar10-train-256.bin")]
    [InlineData("cifar10-test-256.bin")]
    public void Fixture_has_256_pictures_with_labels_0_to_9(string name)
    {
        var pictures = Cifar10.Read(Given.Fixture(name));
        pictures.Count.ShouldBe(256);
        pictures.Side.ShouldBe(32);
        pictures.Labels.ToArray().Select(label => (int)label).Distinct().Order().ShouldBe(Enumerable.Range(0, 10));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3072)]
    [InlineData(3074)]
    public void Wrong_length_is_refused(int length)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["x.bin"], new byte[length]);
        Should.Throw<InvalidDataException>(() => Cifar10.Read(folder["x.bin"])).Message.ShouldContain($"has {length} bytes; expected a multiple of 3073");
    }

    [Fact]
    public void Bad_label_is_refused_by_record()
    {
        using var folder = new TemporaryFolder();
        var bytes = new byte[2 * 3073];
        bytes[3073] = 10;
        File.WriteAllBytes(folder["x.bin"], bytes);
        Should.Throw<InvalidDataException>(() => Cifar10.Read(folder["x.bin"])).Message.ShouldContain("has label 10 in record 1; expected 0 to 9");
    }

    [Fact]
    public void Wrong_checksum_says_what_to_do()
    {
        using var folder = new TemporaryFolder();
        foreach (var (name, _) in Cifar10.Files)
        {
            File.WriteAllBytes(folder[name], new byte[3073]);
        }

        var error = Should.Throw<Exception>(() => Cifar10.Load(folder.Path));
        error.ShouldBeOfType<InvalidDataException>().Message.ShouldContain("delete it and load again");
    }

    [Fact]
    public void Missing_file_is_named() =>
        Should.Throw<FileNotFoundException>(() => Cifar10.Read("/no/such.bin")).Message.ShouldStartWith("No file \"/no/such.bin\"");
}
