using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hawq.Notebooks;

/// <summary>A message of the Jupyter protocol.</summary>
/// <param name="Route">Routing frames before the delimiter: the asking front end, or the topic on iopub.</param>
/// <param name="Header">Its header.</param>
/// <param name="Parent">Header of the request that caused it, empty for a request.</param>
/// <param name="Metadata">Its metadata.</param>
/// <param name="Content">Its content.</param>
internal sealed record KernelMessage(IReadOnlyList<byte[]> Route, JsonObject Header, JsonObject Parent, JsonObject Metadata, JsonObject Content)
{
    /// <summary>Version of the protocol that is spoken.</summary>
    public const string ProtocolVersion = "5.3";

    private static readonly byte[] Delimiter = Encoding.ASCII.GetBytes("<IDS|MSG>");

    /// <summary>Its type, e.g. "execute_request".</summary>
    public string Type => Header["msg_type"]?.GetValue<string>() ?? "";

    /// <summary>A new message.</summary>
    public static KernelMessage Of(string type, string session, JsonObject content, KernelMessage? parent, IReadOnlyList<byte[]> route)
    {
        var header = new JsonObject
        {
            ["msg_id"] = Guid.NewGuid().ToString("N"),
            ["msg_type"] = type,
            ["session"] = session,
            ["username"] = "kernel",
            ["date"] = DateTime.UtcNow.ToString("O"),
            ["version"] = ProtocolVersion,
        };
        return new KernelMessage(route, header, parent?.Header ?? [], [], content);
    }

    /// <summary>Reads frames; <see langword="null"/> if they are no message or its signature is wrong.</summary>
    public static KernelMessage? Decode(IReadOnlyList<byte[]> frames, MessageSigner signer)
    {
        var at = frames.Index().FirstOrDefault(frame => frame.Item.AsSpan().SequenceEqual(Delimiter), (Index: -1, Item: [])).Index;
        if (at < 0 || frames.Count < at + 6)
        {
            return null;
        }

        var parts = frames.Skip(at + 2).Take(4).ToArray();
        if (!signer.IsRight(frames[at + 1], parts))
        {
            return null;
        }

        try
        {
            var json = parts.Select(part => JsonNode.Parse(part)!.AsObject()).ToArray();
            return new KernelMessage([.. frames.Take(at)], json[0], json[1], json[2], json[3]);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or NullReferenceException)
        {
            return null;
        }
    }

    /// <summary>Frames with a signature.</summary>
    public IReadOnlyList<byte[]> Encode(MessageSigner signer)
    {
        byte[][] parts = [Bytes(Header), Bytes(Parent), Bytes(Metadata), Bytes(Content)];
        return [.. Route, Delimiter, signer.Sign(parts), .. parts];
    }

    /// <summary>A text of the content, or what stands for it where it is missing.</summary>
    public string Text(string name, string otherwise = "") =>
        Content[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : otherwise;

    /// <summary>A truth value of the content, or what stands for it where it is missing.</summary>
    public bool Flag(string name, bool otherwise) =>
        Content[name] is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag : otherwise;

    /// <summary>A whole number of the content, or what stands for it where it is missing.</summary>
    public int Number(string name, int otherwise) =>
        Content[name] is JsonValue value && value.TryGetValue<int>(out var number) ? number : otherwise;

    private static byte[] Bytes(JsonObject json) => JsonSerializer.SerializeToUtf8Bytes(json);
}
