using System.Text.Json.Nodes;

namespace Hawq.Notebooks;

/// <summary>What the kernel says of itself.</summary>
internal static class KernelInfo
{
    /// <summary>Name that notebooks' menus show.</summary>
    public const string DisplayName = "C# (Hawq.Kit)";

    /// <summary>Content of a <c>kernel_info_reply</c>.</summary>
    public static JsonObject Content()
    {
        var version = typeof(KernelInfo).Assembly.GetName().Version!.ToString(3);
        return new JsonObject
        {
            ["status"] = "ok",
            ["protocol_version"] = KernelMessage.ProtocolVersion,
            ["implementation"] = "hawq",
            ["implementation_version"] = version,
            ["banner"] = $"hawq {version}: C# 14 on .NET {Environment.Version}, the notebook engine of Hawq.Kit",
            ["debugger"] = false,
            ["help_links"] = new JsonArray(),
            ["language_info"] = new JsonObject
            {
                ["name"] = "C#",
                ["version"] = "14.0",
                ["mimetype"] = "text/x-csharp",
                ["file_extension"] = ".cs",
                ["pygments_lexer"] = "csharp", // without it, exported pages show code without colours
                ["codemirror_mode"] = "text/x-csharp",
            },
        };
    }
}
