using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Hawq.Kit.Tests.Data;

/// <summary>
/// A web server on this machine. It sends what a test says, byte for byte, and closes the connection, so that it can also break off:
/// an HttpListener would check its answers.
/// </summary>
internal sealed class LoopbackServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _requests = new();

    /// <param name="answer">From the lines of a request to all bytes that are sent.</param>
    /// <param name="isSilent">Whether a connection stays open, silent, after its answer.</param>
    public LoopbackServer(Func<string, byte[]> answer, bool isSilent = false)
    {
        _listener.Start();
        Source = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/archive.tar.gz");
        Task.Run(() => Serve(answer, isSilent));
    }

    public Uri Source { get; }

    public IReadOnlyCollection<string> Requests => _requests;

    public static byte[] Answer(string status, int length, byte[] body) =>
        [.. Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"), .. body];

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task Serve(Func<string, byte[]> answer, bool isSilent)
    {
        while (true)
        {
            using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
            var stream = client.GetStream();
            var request = await Request(stream);
            _requests.Enqueue(request);
            await stream.WriteAsync(answer(request), _stop.Token);
            if (isSilent)
            {
                await Task.Delay(Timeout.Infinite, _stop.Token);
            }
        }
    }

    private async Task<string> Request(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, leaveOpen: true);
        var lines = new List<string>();
        while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 } line)
        {
            lines.Add(line);
        }

        return string.Join('\n', lines);
    }
}
