namespace Hawq.Kit.Tests.Foundation;

public class AtomicFileTests
{
    [Fact]
    public void A_file_is_replaced_and_nothing_else_is_left()
    {
        using var folder = new TemporaryFolder();
        var path = folder["new/file"];
        AtomicFile.Write(path, [1]);
        AtomicFile.Write(path, [2, 3]);
        File.ReadAllBytes(path).ShouldBe([2, 3]);
        Directory.GetFileSystemEntries(folder["new"]).ShouldBe([path]);
    }

    [Fact]
    public void A_failed_write_leaves_nothing_behind()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["target/inside"]);
        Should.Throw<Exception>(() => AtomicFile.Write(folder["target"], [1]));
        Directory.GetFileSystemEntries(folder.Path).ShouldBe([folder["target"]]);
    }

    [Fact]
    public void A_full_disk_is_recognised() // /dev/full answers every write as a full disk does
    {
        var error = Should.Throw<IOException>(() =>
        {
            using var file = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.None, bufferSize: 0);
            file.Write([1]);
        });
        AtomicFile.IsFull(error).ShouldBeTrue();
        AtomicFile.IsFull(new FileNotFoundException()).ShouldBeFalse();
    }
}
