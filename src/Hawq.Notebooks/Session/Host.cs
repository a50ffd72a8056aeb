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
    public static string Display(object value)
    {
        var id = Interlocked.Increment(ref _displays).ToString(CultureInfo.InvariantCulture);
        Current?.Display(id, MimeBundle.Of(value));
        return id;
    }

    /// <summary>Shows something else in place of an earlier display.</summary>
    /// <param name="id">What <see cref="Display"/> returned.</param>
    /// <param name="value">Any value, or contents by MIME type.</param>
    public static void Update(string id, object value) => Current?.Update(id, MimeBundle.Of(value));
}
