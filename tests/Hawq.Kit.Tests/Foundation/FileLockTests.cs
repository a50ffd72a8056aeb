using System.Net.Sockets;

namespace Hawq.Kit.Tests.Foundation;

public class FileLockTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Who_comes_second_waits_for_the_first()
    {
        using var folder = new TemporaryFolder();
        using var patience = new CancellationTokenSource(Patience);
        var first = FileLock.Take(folder["lock"], patience.Token);
        var second = Task.Run(() => FileLock.Take(folder["lock"], patience.Token));
        await Task.Delay(300);
        second.IsCompleted.ShouldBeFalse();
        await first.DisposeAsync();
        await (await second).DisposeAsync();
    }

    [Fact]
    public void A_wait_can_be_ended()
    {
        using var folder = new TemporaryFolder();
        using var held = FileLock.Take(folder["lock"], CancellationToken.None);
        using var cancellation = new CancellationTokenSource(TimeSpan.FromSeconds(0.3));
        Should.Throw<OperationCanceledException>(() => FileLock.Take(folder["lock"], cancellation.Token));
    }

    /// <summary>The file is there, as a held lock's is, but no wait would open it: it is a socket.</summary>
    [Fact]
    public void A_file_that_cannot_be_opened_is_not_waited_for()
    {
        using var folder = new TemporaryFolder();
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(folder["lock"]));
        File.Exists(folder["lock"]).ShouldBeTrue();
        using var patience = new CancellationTokenSource(Patience);
        Should.Throw<IOException>(() => FileLock.Take(folder["lock"], patience.Token));
    }
}
