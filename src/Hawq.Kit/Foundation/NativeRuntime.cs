using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;

namespace Hawq.Kit;

/// <summary>Prepares the process for TorchSharp and Plotly.NET when the kit is loaded.</summary>
internal static class NativeRuntime
{
    private const string Library = "libLibTorchSharp.so";
    private const string TooNewVersion = "GLIBCXX_3.4.32";

    [ModuleInitializer]
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Usage", "CA2255", Justification = "Must precede the first call into TorchSharp.")]
    internal static void Initialize()
    {
        // A kernel brings its own FSharp.Core; a second copy beside the kit would break Plotly.NET, so dist/ has none.
        AssemblyLoadContext.Default.Resolving += (_, name) => HostCopyOf(name);
        AppDomain.CurrentDomain.AssemblyResolve += (_, request) => HostCopyOf(new AssemblyName(request.Name));
        if (OperatingSystem.IsLinux())
        {
            Allocator.KeepLargeBlocks();
            var folder = Path.GetDirectoryName(typeof(torch).Assembly.Location);
            if (folder is not null && File.Exists(Path.Combine(folder, Library)))
            {
                LoadTorchSharp(folder);
                NnpackSwitch.TurnOff(folder);
            }
        }
    }

    /// <summary>Loads TorchSharp's native library, through a copy with a weakened version need where the system is older.</summary>
    /// <param name="folder">The folder that holds TorchSharp.dll and its native libraries.</param>
    internal static void LoadTorchSharp(string folder)
    {
        var path = Path.Combine(folder, Library);
        foreach (var dependency in (string[])["libc10.so", "libtorch_cpu.so", "libtorch.so"])
        {
            NativeLibrary.TryLoad(Path.Combine(folder, dependency), out _);
        }

        if (NativeLibrary.TryLoad(path, out var library))
        {
            ScalarKeeper.Guard(library);
            return;
        }

        var bytes = File.ReadAllBytes(path);
        if (ElfVersionNeeds.MarkWeak(bytes, TooNewVersion))
        {
            ScalarKeeper.Guard(LoadChanged(path, bytes, NativeLibrary.Load));
        }
    }

    /// <summary>Loads <paramref name="bytes"/> from <paramref name="path"/>, in place of what is there, or from a folder of its own where that cannot be written.</summary>
    internal static nint LoadChanged(string path, byte[] bytes, Func<string, nint> load)
    {
        try
        {
            AtomicFile.Write(path, bytes); // the file may be a hard link into the package cache: another takes its name, and the cache's stays as it is
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return LoadCopy(Path.GetFileName(path), bytes, load);
        }

        return load(path);
    }

    /// <summary>Loads from a folder that is gone at the end: Linux keeps what is mapped of a deleted file.</summary>
    private static nint LoadCopy(string name, byte[] bytes, Func<string, nint> load)
    {
        var folder = Directory.CreateTempSubdirectory("hawq-kit-native-");
        try
        {
            var copy = Path.Combine(folder.FullName, name);
            File.WriteAllBytes(copy, bytes);
            return load(copy);
        }
        finally
        {
            Delete(folder);
        }
    }

    private static void Delete(DirectoryInfo folder)
    {
        try
        {
            folder.Delete(recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // on a network disk a mapped file stays: no reason not to load the kit
        }
    }

    private static Assembly? HostCopyOf(AssemblyName name) =>
        name.Name == "FSharp.Core"
            ? AppDomain.CurrentDomain.GetAssemblies().FirstOrDefault(a => a.GetName().Name == "FSharp.Core") ?? BesideHost()
            : null;

    private static Assembly? BesideHost()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "FSharp.Core.dll");
        return File.Exists(path) ? AssemblyLoadContext.Default.LoadFromAssemblyPath(path) : null;
    }
}
