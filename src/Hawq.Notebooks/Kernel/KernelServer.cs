using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace Hawq.Notebooks;

/// <summary>A Jupyter kernel: answers requests on shell one after the other, those on control at once.</summary>
internal sealed class KernelServer : IDisposable
{
    private readonly Channel<KernelMessage> _waiting = Channel.CreateUnbounded<KernelMessage>();
    private readonly KernelSockets _sockets;
    private readonly FrontEnd _frontEnd;
    private readonly CellHistory _history = new();
    private readonly FrontEndInput _input;
    private readonly CellExecution _execution;
    private readonly Task _ready;
    private readonly Dictionary<string, Func<KernelMessage, JsonObject?>> _answers;

    /// <summary>Binds the sockets; requests wait until <see cref="Run"/>.</summary>
    /// <param name="connection">Where.</param>
    /// <param name="folder">The notebook's folder, against which paths in cells are resolved.</param>
    /// <exception cref="NotebookException">A port is taken.</exception>
    public KernelServer(ConnectionFile connection, string folder)
    {
        _sockets = new KernelSockets(connection, Receive);
        _frontEnd = new FrontEnd(_sockets.Send);
        var session = new NotebookSession(folder);
        _input = new FrontEndInput(_frontEnd);
        Console.SetIn(_input);
        _execution = new CellExecution(session, _frontEnd, _history, _input);
        _answers = Answers(session);
        _ready = Task.Run(session.Prepare);
    }

    /// <summary>Serves until a front end asks to shut down.</summary>
    public void Run()
    {
        _frontEnd.Status("starting", null);
        _ = Task.Run(ServeShell);
        _sockets.Serve();
        _waiting.Writer.TryComplete();
    }

    /// <summary>Stops the running cell, as Ctrl-C does.</summary>
    public void Interrupt() => _execution.Interrupt();

    public void Dispose()
    {
        _sockets.Dispose();
        _input.Dispose();
    }

    private void Receive(KernelChannel channel, KernelMessage message)
    {
        if (channel == KernelChannel.Shell)
        {
            _waiting.Writer.TryWrite(message);
        }
        else if (channel == KernelChannel.Control)
        {
            _ = Answer(channel, message);
        }
        else if (message.Type == "input_reply")
        {
            _input.Answer(message);
        }
    }

    private async Task ServeShell()
    {
        await foreach (var request in _waiting.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            await AbortWaiting(await Answer(KernelChannel.Shell, request).ConfigureAwait(false)).ConfigureAwait(false);
        }
    }

    /// <summary>After a failed cell, those that were already sent do not run; all other requests are answered.</summary>
    private async Task AbortWaiting(int count)
    {
        for (var left = count; left > 0 && _waiting.Reader.TryRead(out var request); left--)
        {
            if (request.Type == "execute_request")
            {
                _execution.Abort(request);
            }
            else
            {
                await Answer(KernelChannel.Shell, request).ConfigureAwait(false);
            }
        }
    }

    /// <returns>How many of the requests that wait are to be aborted.</returns>
    private async Task<int> Answer(KernelChannel channel, KernelMessage request)
    {
        _frontEnd.Status("busy", request);
        try
        {
            if (channel == KernelChannel.Shell && request.Type != "kernel_info_request")
            {
                await _ready.ConfigureAwait(false);
            }

            if (request.Type == "execute_request")
            {
                return await Execute(channel, request).ConfigureAwait(false);
            }

            if (Content(request) is { } content)
            {
                _frontEnd.Reply(channel, request, content);
            }
        }
        catch (Exception error)
        {
            _frontEnd.Reply(channel, request, FrontEnd.Failure(CellFailure.Of(error)));
        }
        finally
        {
            _frontEnd.Status("idle", request);
            if (request.Type == "shutdown_request")
            {
                _sockets.Stop();
            }
        }

        return 0;
    }

    private async Task<int> Execute(KernelChannel channel, KernelMessage request)
    {
        var (reply, goesOn) = await _execution.Run(request).ConfigureAwait(false);
        var aborted = goesOn ? 0 : _waiting.Reader.Count; // before the reply: what the front end sends after it knows is to run
        _frontEnd.Reply(channel, request, reply);
        return aborted;
    }

    private JsonObject? Content(KernelMessage request) => _answers.TryGetValue(request.Type, out var answer)
        ? answer(request)
        : FrontEnd.Failure(new CellFailure("NotSupported", $"received {request.Type}; this kernel does not know it.", []));

    private Dictionary<string, Func<KernelMessage, JsonObject?>> Answers(NotebookSession session) => new()
    {
        ["kernel_info_request"] = _ => KernelInfo.Content(),
        ["history_request"] = _history.Answer,
        ["complete_request"] = request => Completion.Answer(request.Text("code"), request.Number("cursor_pos", int.MaxValue), session),
        ["inspect_request"] = request => Inspection.Answer(request.Text("code"), request.Number("cursor_pos", int.MaxValue), session),
        ["is_complete_request"] = request => Completeness.Answer(request.Text("code")),
        ["comm_info_request"] = _ => new JsonObject { ["status"] = "ok", ["comms"] = new JsonObject() },
        ["interrupt_request"] = _ => Interrupted(),
        ["shutdown_request"] = request => new JsonObject { ["status"] = "ok", ["restart"] = request.Flag("restart", false) },
        ["comm_open"] = CloseComm,
        ["comm_msg"] = _ => null,
        ["comm_close"] = _ => null,
    };

    private JsonObject Interrupted()
    {
        Interrupt();
        return new JsonObject { ["status"] = "ok" };
    }

    /// <summary>There are no comm targets here; the front end learns it by a close.</summary>
    private JsonObject? CloseComm(KernelMessage request)
    {
        _frontEnd.Publish("comm_close", request, new JsonObject { ["comm_id"] = request.Text("comm_id"), ["data"] = new JsonObject() });
        return null;
    }
}
