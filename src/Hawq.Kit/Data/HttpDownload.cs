using System.Net;
using System.Net.Http.Headers;

namespace Hawq.Kit;

/// <summary>Downloads a file, going on where a broken download ended.</summary>
internal static class HttpDownload
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);

    /// <summary>Fetches <paramref name="source"/> into <paramref name="path"/>, which may hold the first part of it already.</summary>
    /// <exception cref="IOException">The transfer broke or fell silent, or another process is fetching the same file.</exception>
    /// <exception cref="HttpRequestException">There is no connection, or the server refuses; the part is kept.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; the part is kept.</exception>
    public static void Resume(Uri source, string path, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        using var client = new HttpClient(new SocketsHttpHandler { ConnectTimeout = ConnectTimeout, UseProxy = !source.IsLoopback }); // no proxy reaches this machine
        using var request = new HttpRequestMessage(HttpMethod.Get, source);
        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
        var have = file.Length;
        if (have > 0)
        {
            request.Headers.Range = new RangeHeaderValue(have, null);
        }

        using var response = client.Send(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            return; // the whole file is here; its checksum decides
        }

        response.EnsureSuccessStatusCode();
        var resumed = response.StatusCode == HttpStatusCode.PartialContent;
        file.SetLength(resumed ? have : 0);
        file.Seek(0, SeekOrigin.End);
        Copy(response, file, source, resumed ? have : 0, progress, cancellation);
    }

    private static void Copy(
        HttpResponseMessage response, FileStream file, Uri source, long have, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        using var body = response.Content.ReadAsStream(cancellation);
        var total = response.Content.Headers.ContentLength + have;
        var buffer = new byte[1 << 20];
        for (int read; (read = Read(body, buffer, cancellation)) > 0;)
        {
            file.Write(buffer, 0, read);
            progress?.Report(new DownloadProgress(source.Segments[^1], have += read, total));
        }
    }

    private static int Read(Stream body, byte[] buffer, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Silence);
        try
        {
            return body.ReadAsync(buffer, patience.Token).AsTask().GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new IOException($"no byte arrived for {Silence.TotalSeconds:F0} seconds");
        }
    }
}
