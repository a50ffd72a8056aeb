using NetMQ;
using NetMQ.Sockets;

namespace Hawq.Notebooks;

/// <summary>The kernel's five sockets, served by one thread; messages may be sent from any.</summary>
internal sealed class KernelSockets : IDisposable
{
    private const int MostAtOnce = 100; // a cell may send faster than the sockets take it; requests, interrupts above all, must be read meanwhile

    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(1); // the last messages still leave when the kernel ends

    private readonly MessageSigner _signer;
    private readonly Dictionary<KernelChannel, NetMQSocket> _sockets = [];
    private readonly NetMQQueue<(KernelChannel Channel, KernelMessage? Message)> _outbox = new();
    private readonly NetMQPoller _poller = [];

    /// <summary>Binds the sockets.</summary>
    /// <param name="connection">Where.</param>
    /// <param name="received">Called on the sockets' thread for each rightly signed message; must not block.</param>
    /// <exception cref="NotebookException">A port is taken or the interface is not of this machine.</exception>
    public KernelSockets(ConnectionFile connection, Action<KernelChannel, KernelMessage> received)
    {
        _signer = new MessageSigner(connection.Key);
        foreach (var channel in connection.Ports.Keys)
        {
            var socket = _sockets[channel] = channel == KernelChannel.Iopub ? new PublisherSocket() : new RouterSocket();
            socket.Options.Linger = Linger;
            socket.Options.SendHighWatermark = 0; // without a limit: at a limit, outputs would be dropped in silence
            Bind(socket, connection.Address(channel));
            if (channel != KernelChannel.Iopub)
            {
                socket.ReceiveReady += (_, _) => Receive(channel, socket, received);
                _poller.Add(socket);
            }
        }

        _outbox.ReceiveReady += (_, _) => SendAll();
        _poller.Add(_outbox);
    }

    /// <summary>Serves the sockets until <see cref="Stop"/>.</summary>
    public void Serve() => _poller.Run();

    /// <summary>Sends a message, after those that were sent before.</summary>
    public void Send(KernelChannel channel, KernelMessage message) => _outbox.Enqueue((channel, message));

    /// <summary>Ends <see cref="Serve"/> once all that was sent is on its way.</summary>
    public void Stop() => _outbox.Enqueue((KernelChannel.Shell, null));

    public void Dispose()
    {
        _poller.Dispose();
        _outbox.Dispose();
        foreach (var socket in _sockets.Values)
        {
            socket.Dispose();
        }

        NetMQConfig.Cleanup(block: true); // waits for the sockets' linger
    }

    private static void Bind(NetMQSocket socket, string address)
    {
        try
        {
            socket.Bind(address);
        }
        catch (Exception error) when (error is NetMQException or System.Net.Sockets.SocketException or ArgumentException)
        {
            throw new NotebookException($"cannot bind {address} ({error.Message}); expected a free port on an interface of this machine. Let Jupyter start the kernel again, it chooses new ports.");
        }
    }

    private void Receive(KernelChannel channel, NetMQSocket socket, Action<KernelChannel, KernelMessage> received)
    {
        var frames = socket.ReceiveMultipartMessage();
        if (channel == KernelChannel.Heartbeat)
        {
            socket.SendMultipartMessage(frames);
        }
        else if (KernelMessage.Decode([.. frames.Select(frame => frame.ToByteArray())], _signer) is { } message)
        {
            received(channel, message);
        }
    }

    private void SendAll()
    {
        for (var sent = 0; sent < MostAtOnce && _outbox.TryDequeue(out var next, TimeSpan.Zero); sent++)
        {
            if (next.Message is null)
            {
                _poller.StopAsync();
                return;
            }

            _sockets[next.Channel].SendMultipartMessage(new NetMQMessage(next.Message.Encode(_signer)));
        }
    }
}
