using System.Text.Json.Nodes;

namespace Hawq.Notebooks;

/// <summary>Answers <c>execute_request</c>: runs cells and counts them.</summary>
internal sealed class CellExecution(NotebookSession session, FrontEnd frontEnd, CellHistory history, FrontEndInput input)
{
    private volatile CellInterruption? _running;
    private int _count;

    /// <summary>Stops the running cell, if one runs.</summary>
    public void Interrupt() => _running?.Request();

    /// <summary>Runs a cell.</summary>
    /// <returns>Content of the reply; whether the cells that wait behind it may run.</returns>
    public async Task<(JsonObject Reply, bool GoesOn)> Run(KernelMessage request)
    {
        var (code, isSilent) = (request.Text("code"), request.Flag("silent", false));
        if (!isSilent && request.Flag("store_history", true))
        {
            history.Add(++_count, code);
        }

        if (!isSilent)
        {
            frontEnd.Publish("execute_input", request, new JsonObject { ["code"] = code, ["execution_count"] = _count });
        }

        using var output = new KernelOutput(frontEnd, request, _count, isSilent);
        input.Request = request.Flag("allow_stdin", true) ? request : null;
        _running = new CellInterruption();
        var failure = string.IsNullOrWhiteSpace(code) ? null : await session.Run(code, $"cell {_count}", output, _running).ConfigureAwait(false);
        (_running, input.Request) = (null, null);
        output.Flush();
        return (Content(failure), failure is null || !request.Flag("stop_on_error", true));
    }

    /// <summary>Answers a cell that is not run, since one before it failed.</summary>
    public void Abort(KernelMessage request)
    {
        frontEnd.Status("busy", request);
        frontEnd.Reply(KernelChannel.Shell, request, new JsonObject { ["status"] = "aborted", ["execution_count"] = _count });
        frontEnd.Status("idle", request);
    }

    private JsonObject Content(CellFailure? failure)
    {
        var content = failure is null
            ? new JsonObject { ["status"] = "ok", ["payload"] = new JsonArray(), ["user_expressions"] = new JsonObject() }
            : FrontEnd.Failure(failure);
        content["execution_count"] = _count;
        return content;
    }
}
