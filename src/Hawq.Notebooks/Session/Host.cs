using System.Globalization;

namespace Hawq.Notebooks;

/// <summary>What code inside a notebook finds of its host. The kit looks it up by name, so it needs no reference to the engine.</summary>
public static class Host
{
    private static int _displays;

    /// <summary>Cancelled when the user interrupts the running cell: long work looks here between its steps and throws <see cref="OperationCanceledException"/>.</summary>
    public static CancellationToken Cancellation => Interruption?.Token ?? CancellationToken.None;

    internal static ICellOutput? Current { get; set; }

    internal static CellInterruption? Interruption { get; set; }

    /// <summary>Shows a value, or contents by MIME type, in mid-cell.</summary>
    /// <param name="value">Any value; a dictionary from MIME type to text is shown as it is.</param>
    /// <returns>The id under which it can be updated.</returns>
    /// <exception cref="OperationCanceledException">The cell was interrupted.</exception>
    public static string Display(object value)
    {
        var id = Interlocked.Increment(ref _displays).ToString(CultureInfo.InvariantCulture);
        Show(value, (output, contents) => output.Display(id, contents));
        return id;
    }

    /// <summary>Shows something else in place of an earlier display.</summary>
    /// <param name="id">What <see cref="Display"/> returned.</param>
    /// <param name="value">Any value, or contents by MIME type.</param>
    /// <exception cref="OperationCanceledException">The cell was interrupted.</exception>
    public static void Update(string id, object value) => Show(value, (output, contents) => output.Update(id, contents));

    /// <summary>Runs a part of the engine for the running cell, which is not ended meanwhile.</summary>
    internal static void InEngine(Action part)
    {
        if (Interruption is { } interruption)
        {
            interruption.InEngine(part);
        }
        else
        {
            part();
        }
    }

    /// <summary>Formats a value, which may be long work of the user's types and can be ended; then gives it to the running cell's output, which cannot.</summary>
    private static void Show(object value, Action<ICellOutput, IReadOnlyDictionary<string, string>> give)
    {
        Interruption?.StopAtOutput();
        if (Current is { } output)
        {
            var contents = MimeBundle.Of(value);
            InEngine(() => give(output, contents));
        }
    }
}
