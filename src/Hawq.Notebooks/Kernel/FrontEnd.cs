using System.Text;
using System.Text.Json.Nodes;

namespace Hawq.Notebooks;

/// <summary>What the kernel says: replies to the front end that asked, and news to all of them.</summary>
/// <param name="send">Sends a message on a channel.</param>
internal sealed class FrontEnd(Action<KernelChannel, KernelMessage> send)
{
    /// <summary>Identifies this kernel process.</summary>
    public string Session { get; } = Guid.NewGuid().ToString("N");

    /// <summary>Answers a request.</summary>
    public void Reply(KernelChannel channel, KernelMessage request, JsonObject content)
    {
        var type = request.Type.Replace("_request", "_reply", StringComparison.Ordinal);
        send(channel, KernelMessage.Of(type, Session, content, request, request.Route));
    }

    /// <summary>Asks the front end that sent a request.</summary>
    public void Ask(string type, KernelMessage request, JsonObject content) =>
        send(KernelChannel.Stdin, KernelMessage.Of(type, Session, content, request, request.Route));

    /// <summary>Tells all front ends.</summary>
    public void Publish(string type, KernelMessage? parent, JsonObject content) =>
        send(KernelChannel.Iopub, KernelMessage.Of(type, Session, content, parent, [Encoding.UTF8.GetBytes($"kernel.{Session}.{type}")]));

    /// <summary>Tells all front ends whether the kernel works: "starting", "busy" or "idle".</summary>
    public void Status(string state, KernelMessage? parent) => Publish("status", parent, new JsonObject { ["execution_state"] = state });

    /// <summary>Content of a reply that says why a request failed.</summary>
    public static JsonObject Failure(CellFailure failure) => new()
    {
        ["status"] = "error",
        ["ename"] = failure.Name,
        ["evalue"] = failure.Message,
        ["traceback"] = new JsonArray([.. failure.Traceback.Select(line => (JsonNode)line)]),
    };
}
