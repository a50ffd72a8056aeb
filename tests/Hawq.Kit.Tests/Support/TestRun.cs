using System.Runtime.CompilerServices;

[assembly: CollectionBehavior(DisableTestParallelization = true)] // live tensors are counted

namespace Hawq.Kit.Tests;

internal static class TestRun
{
    [ModuleInitializer]
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Usage", "CA2255", Justification = "The kit must prepare torch before any test touches it.")]
    internal static void Start() => RuntimeHelpers.RunModuleConstructor(typeof(ElfVersionNeeds).Module.ModuleHandle);
}
