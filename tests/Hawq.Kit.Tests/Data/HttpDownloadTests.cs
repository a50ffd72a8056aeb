namespace Hawq.Kit.Tests.Data;

public class HttpDownloadTests
{
    private const int Whole = 1000;
    private const int Part = 400;

    private static readonly byte[] Content = [.. Enumerable.Range(0, Whole).Select(k => (byte)(7 * k))];

    [Fact]
    public void A_broken_download_goes_on_where_it_ended()
    {
        using var folder = new TemporaryFolder();
        using var server = new LoopbackServer(request => request.Contains($"Range: bytes={Part}-", StringComparison.Ordinal)
            ? LoopbackServer.Answer($"206 Partial Content\r\nContent-Range: bytes {Part}-{Whole - 1}/{Whole}", Whole - Part, Content[Part..])
            : LoopbackServer.Answer("200 OK", Whole, Content[..Part]));
        Should.Throw<IOException>(() => Fetch(server, folder));
        File.ReadAllBytes(folder["x"]).ShouldBe(Content[..Part]);
        var heard = new List<DownloadProgress>();
        HttpDownload.Resume(server.Source, folder["x"], new Listener<DownloadProgress>(heard.Add), CancellationToken.None);
        File.ReadAllBytes(folder["x"]).ShouldBe(Content);
        heard[^1].ShouldBe(new DownloadProgress("archive.tar.gz", Whole, Whole));
        server.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public void A_server_that_sends_all_in_place_of_the_rest_replaces_the_part()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["x"], new byte[2 * Whole]);
        using var server = new LoopbackServer(_ => LoopbackServer.Answer("200 OK", Whole, Content));
        Fetch(server, folder);
        server.Requests.Single().ShouldContain($"Range: bytes={2 * Whole}-");
        File.ReadAllBytes(folder["x"]).ShouldBe(Content);
    }

    [Fact]
    public void A_file_that_is_here_already_stays()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["x"], Content);
        using var server = new LoopbackServer(_ => LoopbackServer.Answer("416 Range Not Satisfiable", 0, []));
        Fetch(server, folder);
        File.ReadAllBytes(folder["x"]).ShouldBe(Content);
    }

    [Fact]
    public void A_server_that_refuses_leaves_the_part()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["x"], Content[..Part]);
        using var server = new LoopbackServer(_ => LoopbackServer.Answer("503 Service Unavailable", 4, "busy"u8.ToArray()));
        Should.Throw<HttpRequestException>(() => Fetch(server, folder)).Message.ShouldContain("503");
        File.ReadAllBytes(folder["x"]).ShouldBe(Content[..Part]);
    }

    [Fact]
    public void A_cancelled_download_ends_at_once_and_keeps_its_part()
    {
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        using var server = new LoopbackServer(_ => LoopbackServer.Answer("200 OK", Whole, Content[..Part]), isSilent: true);
        var listener = new Listener<DownloadProgress>(progress =>
        {
            if (progress.Bytes == Part)
            {
                stop.Cancel();
            }
        });
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Should.Throw<OperationCanceledException>(() => HttpDownload.Resume(server.Source, folder["x"], listener, stop.Token));
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30)); // silence alone would end it after a minute
        File.ReadAllBytes(folder["x"]).ShouldBe(Content[..Part]);
    }

    [Fact]
    public void Two_downloads_never_write_one_file()
    {
        using var folder = new TemporaryFolder();
        using var server = new LoopbackServer(_ => LoopbackServer.Answer("200 OK", Whole, Content));
        using (File.Open(folder["x"], FileMode.Create, FileAccess.Write, FileShare.None))
        {
            Should.Throw<IOException>(() => Fetch(server, folder));
        }

        server.Requests.ShouldBeEmpty();
    }

    private static void Fetch(LoopbackServer server, TemporaryFolder folder) =>
        HttpDownload.Resume(server.Source, folder["x"], null, CancellationToken.None);
}
