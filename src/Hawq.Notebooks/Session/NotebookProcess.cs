using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Hawq.Notebooks;

/// <summary>Makes this process one that runs cells. What it changes, the process has one of, so a command does it once, before it makes a session.</summary>
internal static class NotebookProcess
{
    /// <summary>Gives all threads the invariant culture, prepares libraries when they are loaded, and sends what is written to the console to the running cell.</summary>
    public static void Prepare()
    {
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        AppDomain.CurrentDomain.AssemblyLoad += (_, loaded) => Initialize(loaded.LoadedAssembly);
        Console.SetOut(TextWriter.Synchronized(new CellWriter("stdout", Console.Out)));
        Console.SetError(TextWriter.Synchronized(new CellWriter("stderr", Console.Error)));
    }

    /// <summary>A library that a cell references may prepare the process before its first use, as the kit does for libtorch.</summary>
    private static void Initialize(Assembly assembly)
    {
        if (!assembly.IsDynamic && assembly.GetName().Name == "Hawq.Kit")
        {
            RuntimeHelpers.RunModuleConstructor(assembly.ManifestModule.ModuleHandle);
        }
    }
}
