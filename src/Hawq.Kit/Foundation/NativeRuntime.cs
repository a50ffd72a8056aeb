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
            ScalarKeeper.Guard(NativeLibrary.Load(Replace(path, bytes)));
        }
    }

    /// <summary>Puts <paramref name="bytes"/> in place of <paramref name="path"/>, or into a private folder where that is read-only.</summary>
    private static string Replace(string path, byte[] bytes)
    {
        // The file may be a hard link into the package cache: rename over it, never write through it.
        var partial = $"{path}.partial{Environment.ProcessId}";
        try
        {
            File.WriteAllBytes(partial, bytes);
            File.Move(partial, path, overwrite: true);
            return path;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            var folder = Directory.CreateTempSubdirectory("hawq-kit-native-").FullName;
            var copy = Path.Combine(folder, Library);
            File.WriteAllBytes(copy, bytes);
            return copy;
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
