using System.Text;

namespace Hawq.Kit.Tests.Foundation;

public class ElfVersionNeedsTests
{
    private static byte[] Library => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so"));

    [Fact]
    public void Versions_of_the_real_library_are_listed()
    {
        var versions = ElfVersionNeeds.Read(Library);
        versions.ShouldContain("GLIBCXX_3.4.32");
        versions.ShouldAllBe(name => name.Contains('_'));
    }

    [Fact]
    public void Marking_weak_changes_one_bit_at_most_and_twice_changes_nothing()
    {
        byte[] before = Library, bytes = Library;
        var version = ElfVersionNeeds.Read(bytes).First(name => name.StartsWith("GLIBC_2", StringComparison.Ordinal));
        ElfVersionNeeds.MarkWeak(bytes, version).ShouldBeTrue();
        before.Zip(bytes).Where(pair => pair.First != pair.Second).Select(pair => pair.First ^ pair.Second).ShouldAllBe(bits => bits == 2);
        var once = bytes.ToArray();
        ElfVersionNeeds.MarkWeak(bytes, version).ShouldBeFalse();
        bytes.AsSpan().SequenceEqual(once).ShouldBeTrue();
        ElfVersionNeeds.MarkWeak(bytes, "NOBODY_1").ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("this is a text, not a library, and it is longer than an ELF header of 64 bytes")]
    public void Garbage_is_refused_and_left_as_it_was(string text)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        Should.Throw<InvalidDataException>(() => ElfVersionNeeds.MarkWeak(bytes, "GLIBCXX_3.4.32")).Message.ShouldContain("not ELF");
        bytes.ShouldBe(Encoding.ASCII.GetBytes(text));
    }

    [Fact]
    public void Truncated_library_is_refused_and_left_as_it_was()
    {
        var bytes = Library[..4096];
        var before = bytes.ToArray();
        Should.Throw<InvalidDataException>(() => ElfVersionNeeds.MarkWeak(bytes, "GLIBCXX_3.4.32")).Message.ShouldContain("truncated or damaged");
        bytes.ShouldBe(before);
    }
}
