namespace Hawq.Kit;

/// <summary>A place in the notebook whose contents change while a cell runs. Where nothing displays, each value is printed below the last.</summary>
public sealed class LiveDisplay
{
    private readonly object? _handle;

    internal LiveDisplay(object? handle) => _handle = handle;

    /// <summary>Shows another value in place of the one before.</summary>
    /// <param name="value">Any value.</param>
    /// <exception cref="OperationCanceledException">The user interrupted the cell.</exception>
    public void Update(object value)
    {
        ArgumentNullException.ThrowIfNull(value);
        NotebookEngine.ThrowIfInterrupted();
        if (_handle is null)
        {
            NotebookHost.Display(value);
        }
        else
        {
            NotebookHost.Update(_handle, value);
        }
    }
}
