using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Hawq.Kit;

namespace Hawq.Notebooks;

/// <summary>A kernel's entry in Jupyter: a folder of that name with a kernel.json.</summary>
internal static partial class KernelSpec
{
    /// <summary>Name under which the kernel is installed unless another is given.</summary>
    public const string DefaultName = "hawq-csharp";

    private static readonly JsonSerializerOptions Style = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes an entry that starts this program.</summary>
    /// <param name="folder">The folder of kernels.</param>
    /// <param name="name">Name of the kernel, e.g. ".net-csharp" for notebooks that ask for .NET Interactive's.</param>
    /// <param name="replace">Whether another program's kernel of that name may be replaced.</param>
    /// <returns>The folder that was written.</returns>
    /// <exception cref="NotebookException">The name is none for a kernel, or another program's kernel has it.</exception>
    public static string Install(string folder, string name, bool replace)
    {
        var target = Target(folder, name);
        if (Directory.Exists(target) && !IsOurs(target) && !replace)
        {
            throw new NotebookException($"{target}: received a name that another program's kernel has; expected a free one. Choose another --name, or give --replace.");
        }

        AtomicFile.Write(Path.Combine(target, "kernel.json"), Encoding.UTF8.GetBytes(Content().ToJsonString(Style) + "\n"));
        return target;
    }

    /// <summary>Removes an entry that <see cref="Install"/> wrote.</summary>
    /// <returns>The folder that was removed.</returns>
    /// <exception cref="NotebookException">There is none, or it is another program's.</exception>
    public static string Uninstall(string folder, string name)
    {
        var target = Target(folder, name);
        if (!Directory.Exists(target) || !IsOurs(target))
        {
            throw new NotebookException($"{target}: expected a kernel that \"hawq kernel install\" wrote, found {(Directory.Exists(target) ? "another program's" : "nothing")}. See: hawq kernel list");
        }

        Directory.Delete(target, recursive: true);
        return target;
    }

    /// <summary>The entries of this program in folders of kernels.</summary>
    public static IEnumerable<string> Installed(IEnumerable<string> folders) =>
        folders.Where(Directory.Exists).SelectMany(Directory.GetDirectories).Where(IsOurs).Order(StringComparer.Ordinal);

    private static JsonObject Content() => new()
    {
        ["argv"] = new JsonArray([.. Program().Concat(["kernel", "start", "--connection-file", "{connection_file}"]).Select(part => (JsonNode)part)]),
        ["display_name"] = KernelInfo.DisplayName,
        ["language"] = "C#",
        ["interrupt_mode"] = "message",
        ["env"] = new JsonObject { ["DOTNET_TieredCompilation"] = "0" }, // half a second more at the start, and no cell waits for code to be optimized anew
        ["metadata"] = new JsonObject { ["hawq"] = typeof(KernelSpec).Assembly.GetName().Version!.ToString(3) },
    };

    /// <summary>The running program, or dotnet and the library's path where dotnet runs it.</summary>
    private static string[] Program()
    {
        var process = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(process) == "hawq" ? [process] : [process, typeof(KernelSpec).Assembly.Location];
    }

    private static string Target(string folder, string name) => NamePattern().IsMatch(name)
        ? Path.Combine(folder, name.ToLowerInvariant()) // Jupyter finds kernels by lower-case names
        : throw new NotebookException($"received the kernel name \"{name}\"; expected letters, digits, '.', '_' and '-', for example {DefaultName}.");

    private static bool IsOurs(string target)
    {
        var path = Path.Combine(target, "kernel.json");
        try
        {
            return File.Exists(path) && JsonNode.Parse(File.ReadAllText(path))?["metadata"]?["hawq"] is not null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"^(?!\.+$)[A-Za-z0-9._-]+$")]
    private static partial Regex NamePattern();
}
