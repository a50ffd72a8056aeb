using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hawq.Notebooks;

/// <summary>Where the front end expects the kernel's sockets, and the key that signs messages.</summary>
/// <param name="Ip">Interface to bind to; loopback where the file names none.</param>
/// <param name="Key">Key of the HMAC; empty for unsigned messages.</param>
/// <param name="Ports">Ports by channel.</param>
internal sealed record ConnectionFile(string Ip, string Key, IReadOnlyDictionary<KernelChannel, int> Ports)
{
    private const string Remedy = "Jupyter writes this file and puts its path into the kernelspec's {connection_file}.";

    /// <summary>Reads a connection file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="NotebookException">There is no such file, it is no JSON, or asks for something that is not spoken here.</exception>
    public static ConnectionFile Read(string path)
    {
        var json = Parse(path);
        Require(path, json, "transport", "tcp");
        Require(path, json, "signature_scheme", "hmac-sha256");
        var ports = Enum.GetValues<KernelChannel>().ToDictionary(channel => channel, channel => Port(path, json, channel));
        var ip = Text(json, "ip") is { Length: > 0 } given and not "localhost" ? given : "127.0.0.1";
        return new ConnectionFile(ip, Text(json, "key") ?? "", ports);
    }

    /// <summary>Address of a channel, for bind and connect.</summary>
    public string Address(KernelChannel channel) => $"tcp://{Ip}:{Ports[channel]}";

    private static JsonObject Parse(string path)
    {
        if (!File.Exists(path))
        {
            throw new NotebookException($"{path}: no such file; expected a Jupyter connection file. {Remedy}");
        }

        try
        {
            return JsonNode.Parse(File.ReadAllText(path)) as JsonObject
                ?? throw new NotebookException($"{path}: its JSON is no object; expected a Jupyter connection file. {Remedy}");
        }
        catch (JsonException error)
        {
            throw new NotebookException($"{path}: it is no JSON ({error.Message}); expected a Jupyter connection file. {Remedy}");
        }
    }

    private static void Require(string path, JsonObject json, string name, string expected)
    {
        if (Text(json, name) is { } received && received != expected)
        {
            throw new NotebookException($"{path}: received {name} \"{received}\"; expected \"{expected}\", the only one that this kernel speaks. Change it in Jupyter's configuration.");
        }
    }

    private static int Port(string path, JsonObject json, KernelChannel channel)
    {
        var name = Name(channel);
        var isPort = json[name] is JsonValue value && value.TryGetValue<int>(out var port) && port is > 0 and <= 65535;
        return isPort ? json[name]!.GetValue<int>()
            : throw new NotebookException($"{path}: received {name} {json[name]?.ToJsonString() ?? "nothing"}; expected a port from 1 to 65535. {Remedy}");
    }

    private static string Name(KernelChannel channel) => channel switch
    {
        KernelChannel.Shell => "shell_port",
        KernelChannel.Control => "control_port",
        KernelChannel.Stdin => "stdin_port",
        KernelChannel.Iopub => "iopub_port",
        _ => "hb_port",
    };

    private static string? Text(JsonObject json, string name) => json[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
