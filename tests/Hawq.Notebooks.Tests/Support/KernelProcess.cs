using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using NetMQ;
using NetMQ.Sockets;

namespace Hawq.Notebooks.Tests;

/// <summary>A kernel in a process of its own, and a front end that talks to it.</summary>
public sealed class KernelProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly TemporaryFolder _folder = new();
    private readonly MessageSigner _signer = new("secret");
    private readonly Dictionary<KernelChannel, NetMQSocket> _sockets = [];
    private readonly Process _process;

    public KernelProcess() : this(new Dictionary<string, string>())
    {
    }

    /// <summary>With more variables in its environment.</summary>
    internal KernelProcess(IReadOnlyDictionary<string, string> variables)
    {
        var ports = FreePorts(5);
        File.WriteAllText(_folder["connection.json"], $$"""
            {"transport": "tcp", "signature_scheme": "hmac-sha256", "key": "secret", "kernel_name": "hawq-csharp",
             "shell_port": {{ports[0]}}, "control_port": {{ports[1]}}, "stdin_port": {{ports[2]}}, "iopub_port": {{ports[3]}}, "hb_port": {{ports[4]}}}
            """);
        string[] arguments = [typeof(KernelServer).Assembly.Location, "kernel", "start", "--connection-file", _folder["connection.json"]];
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = _folder.Path };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        try
        {
            Connect(ConnectionFile.Read(_folder["connection.json"]));
        }
        catch
        {
            Dispose(); // nobody gets the object, and so nobody else would end the kernel
            throw;
        }
    }

    private void Connect(ConnectionFile connection)
    {
        foreach (var channel in Enum.GetValues<KernelChannel>())
        {
            var socket = _sockets[channel] = channel == KernelChannel.Iopub ? new SubscriberSocket() : new DealerSocket();
            socket.Options.Identity = "front end"u8.ToArray(); // the kernel asks on stdin whoever sent the request on shell
            socket.Connect(connection.Address(channel));
        }

        ((SubscriberSocket)_sockets[KernelChannel.Iopub]).SubscribeToAnyTopic();
        WaitForNews();
    }

    public bool HasExited(TimeSpan patience) => _process.WaitForExit(patience);

    public string Echo(string text)
    {
        _sockets[KernelChannel.Heartbeat].SendFrame(text);
        return _sockets[KernelChannel.Heartbeat].TryReceiveFrameString(Patience, out var echo) ? echo : "";
    }

    internal KernelMessage Send(string type, JsonObject content, KernelChannel channel = KernelChannel.Shell, string? key = null, KernelMessage? parent = null)
    {
        var message = KernelMessage.Of(type, "test", content, parent, []);
        var signer = key is null ? _signer : new MessageSigner(key);
        _sockets[channel].SendMultipartMessage(new NetMQMessage(message.Encode(signer)));
        return message;
    }

    internal KernelMessage Execute(string code, bool silent = false) => Send("execute_request", new JsonObject { ["code"] = code, ["silent"] = silent });

    /// <summary>Executes a cell with one of the request's options switched off.</summary>
    internal KernelMessage ExecuteWithout(string option, string code) => Send("execute_request", new JsonObject { ["code"] = code, [option] = false });

    /// <summary>Asks to stop the running cell, and waits until the kernel says that it heard.</summary>
    internal void Interrupt()
    {
        Send("interrupt_request", [], KernelChannel.Control);
        Receive(KernelChannel.Control, message => message.Type == "interrupt_reply");
    }

    /// <summary>The reply to a request, and what was published for it up to idle.</summary>
    internal (JsonObject Reply, List<KernelMessage> News) Finish(KernelMessage request, KernelChannel channel = KernelChannel.Shell)
    {
        var reply = Receive(channel, message => Id(message.Parent) == Id(request.Header)).Content;
        var news = new List<KernelMessage>();
        while (true)
        {
            var next = Receive(KernelChannel.Iopub, message => Id(message.Parent) == Id(request.Header));
            if (next.Type == "status" && next.Text("execution_state") == "idle")
            {
                return (reply, news);
            }

            news.Add(next);
        }
    }

    internal (JsonObject Reply, List<KernelMessage> News) Run(string code) => Finish(Execute(code));

    /// <summary>A cell's value as text.</summary>
    internal string Value(string code) => Value(Run(code).News);

    /// <summary>The value among a cell's news.</summary>
    internal static string Value(List<KernelMessage> news) =>
        news.Single(message => message.Type == "execute_result").Content["data"]!["text/plain"]!.GetValue<string>();

    internal JsonObject Ask(string type, JsonObject content, KernelChannel channel = KernelChannel.Shell) => Finish(Send(type, content, channel), channel).Reply;

    internal KernelMessage Receive(KernelChannel channel, Func<KernelMessage, bool> wanted)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < Patience)
        {
            NetMQMessage? frames = null;
            if (_sockets[channel].TryReceiveMultipartMessage(TimeSpan.FromSeconds(1), ref frames)
                && KernelMessage.Decode([.. frames!.Select(frame => frame.ToByteArray())], _signer) is { } message && wanted(message))
            {
                return message;
            }
        }

        throw new TimeoutException($"no message on {channel}");
    }

    public void Dispose()
    {
        foreach (var socket in _sockets.Values)
        {
            socket.Dispose();
        }

        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _folder.Dispose();
    }

    private static string? Id(JsonObject header) => header["msg_id"]?.GetValue<string>();

    /// <summary>A subscription takes effect some time after it was made: asks until news come.</summary>
    private void WaitForNews()
    {
        NetMQMessage? frames = null;
        for (var tries = 0; tries < 100; tries++)
        {
            var request = Send("kernel_info_request", [], KernelChannel.Control);
            Receive(KernelChannel.Control, message => Id(message.Parent) == Id(request.Header));
            if (_sockets[KernelChannel.Iopub].TryReceiveMultipartMessage(TimeSpan.FromSeconds(0.2), ref frames))
            {
                return;
            }
        }

        throw new TimeoutException("the kernel answers, but publishes nothing");
    }

    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        listeners.ForEach(listener => listener.Dispose());
        return ports;
    }
}
