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
        Should.Throw<IOException>(() => AtomicFile.Write(folder["target"], [1])); // its name is that of a folder
        Directory.GetFileSystemEntries(folder.Path).ShouldBe([folder["target"]]);
    }

    [Fact]
    public void Threads_that_write_one_path_leave_one_of_their_files_whole()
    {
        using var folder = new TemporaryFolder();
        Parallel.For(0, 16, k => AtomicFile.Write(folder["file"], [.. Enumerable.Repeat((byte)k, 100_000)]));
        var bytes = File.ReadAllBytes(folder["file"]);
        bytes.Length.ShouldBe(100_000);
        bytes.Distinct().Count().ShouldBe(1);
        Directory.GetFileSystemEntries(folder.Path).ShouldBe([folder["file"]]);
    }

    [Fact]
    public void A_file_that_breaks_off_leaves_the_old_one_and_a_full_disk_is_told()
    {
        using var folder = new TemporaryFolder();
        AtomicFile.Write(folder["file"], [1]);
        var error = Should.Throw<IOException>(() => AtomicFile.Write(folder["file"], 5_000_000_000, (byte)2, (file, content) =>
        {
            file.WriteByte(content);
            throw new IOException("as the system says it", 28);
        }));
        error.Message.ShouldContain("it needs 5,000,000,000 bytes, and its disk is full");
        File.ReadAllBytes(folder["file"]).ShouldBe([1]);
        Directory.GetFileSystemEntries(folder.Path).ShouldBe([folder["file"]]);
    }

    [Fact]
    public void What_a_killed_process_left_of_the_same_file_goes_after_a_day()
    {
        using var folder = new TemporaryFolder();
        var old = DateTime.UtcNow.AddHours(-25);
        var (left, fresh) = (folder[".file.abcdefgh.xyz.partial"], folder[".file.ijklmnop.xyz.partial"]);
        string[] others = [folder[".file.other.abcdefgh.xyz.partial"], folder[".other.abcdefgh.xyz.partial"], folder[".file.partial"], folder["file.partial"]];
        foreach (var path in others.Append(left).Append(fresh))
        {
            File.WriteAllBytes(path, [1]);
            File.SetLastWriteTimeUtc(path, path == fresh ? old.AddHours(2) : old);
        }

        AtomicFile.Write(folder["file"], [2]);
        Directory.GetFileSystemEntries(folder.Path).ShouldBe([folder["file"], fresh, .. others], ignoreOrder: true);
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
