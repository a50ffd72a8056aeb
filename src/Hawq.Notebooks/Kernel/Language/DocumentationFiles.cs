namespace Hawq.Notebooks;

/// <summary>XML documentation files: beside a library, or for .NET itself in the SDK's reference pack, where an SDK is installed.</summary>
internal static class DocumentationFiles
{
    private static readonly Lazy<string?> Pack = new(FindPack);

    /// <summary>Files that may document an assembly, likeliest first.</summary>
    /// <param name="assembly">Path of the assembly.</param>
    public static IEnumerable<string> For(string assembly)
    {
        var name = Path.GetFileNameWithoutExtension(assembly) + ".xml";
        var beside = Path.ChangeExtension(assembly, ".xml");
        if (File.Exists(beside))
        {
            return [beside];
        }

        if (Pack.Value is null || Path.GetDirectoryName(assembly) != Path.GetDirectoryName(typeof(object).Assembly.Location))
        {
            return [];
        }

        // The runtime's own library holds what reference assemblies spread over several.
        string[] names = name == "System.Private.CoreLib.xml"
            ? ["System.Runtime.xml", "System.Collections.xml", "System.Threading.xml", "System.Runtime.InteropServices.xml", "System.Runtime.Extensions.xml", "System.Memory.xml"]
            : [name, "System.Runtime.xml"];
        return names.Select(file => Path.Combine(Pack.Value, file)).Where(File.Exists);
    }

    /// <summary>The member element with an id; the text is searched, since parsing the framework's files takes seconds.</summary>
    public static string? Member(string file, string id)
    {
        var text = File.ReadAllText(file);
        var start = text.IndexOf($"<member name=\"{id}\">", StringComparison.Ordinal);
        if (start < 0)
        {
            return null;
        }

        const string End = "</member>";
        var end = text.IndexOf(End, start, StringComparison.Ordinal);
        return end < 0 ? null : text[start..(end + End.Length)];
    }

    /// <summary>dotnet/shared/Microsoft.NETCore.App/10.0.x → dotnet/packs/Microsoft.NETCore.App.Ref/10.0.x/ref/net10.0.</summary>
    private static string? FindPack()
    {
        var runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var packs = Path.GetFullPath(Path.Combine(runtime, "../../../packs/Microsoft.NETCore.App.Ref"));
        if (!Directory.Exists(packs))
        {
            return null;
        }

        var framework = $"net{Environment.Version.Major}.{Environment.Version.Minor}";
        return Directory.GetDirectories(packs).Select(version => Path.Combine(version, "ref", framework)).Where(Directory.Exists).Order(StringComparer.Ordinal).LastOrDefault();
    }
}
