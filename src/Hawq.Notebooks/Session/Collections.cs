namespace Hawq.Notebooks;

/// <summary>How much a process that runs cells allocates between two collections.</summary>
/// <remarks>
/// Unless told otherwise .NET collects after 6 MB, which is two cells of compiling: every tenth cell would wait for it. Not much more
/// either, since a tensor that nobody disposed keeps its native memory until a collection. No setting in runtimeconfig.json says this.
/// </remarks>
internal static class Collections
{
    /// <summary>Name of the environment variable; <c>hawq run</c> keeps a value that the user has set.</summary>
    public const string Variable = "DOTNET_GCgen0size";

    /// <summary>32 MiB, in hexadecimal as .NET wants it.</summary>
    public const string Bytes = "0x2000000";
}
