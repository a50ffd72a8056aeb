using System.Reflection;

namespace Hawq.Kit;

/// <summary>The kit's own notebook engine, where it runs this code. It is found by name, so it is not referenced.</summary>
internal static class NotebookEngine
{
    private static readonly Func<CancellationToken>? Stop = Host?.GetProperty("Cancellation")?.GetMethod?.CreateDelegate<Func<CancellationToken>>();

    /// <summary>The engine's side towards notebooks; <see langword="null"/> elsewhere.</summary>
    public static Type? Host => Loaded("hawq")?.GetType("Hawq.Notebooks.Host");

    /// <summary>Stops long work between two of its steps when the user interrupts the cell.</summary>
    /// <remarks>A cell that does not look here is ended where its managed code is, which, called from within native code, may end the process.</remarks>
    /// <param name="cancellation">What the caller of that work may stop it by.</param>
    /// <exception cref="OperationCanceledException">The cell was interrupted, or the work was cancelled.</exception>
    public static void ThrowIfInterrupted(CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        Stop?.Invoke().ThrowIfCancellationRequested();
    }

    /// <summary>An assembly of this process by its name.</summary>
    public static Assembly? Loaded(string name) =>
        AppDomain.CurrentDomain.GetAssemblies().FirstOrDefault(assembly => assembly.GetName().Name == name);
}
