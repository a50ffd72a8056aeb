namespace Hawq.Notebooks;

/// <summary>A notebook, or the call, is not what it should be; the message says what was received and expected.</summary>
internal sealed class NotebookException(string message) : Exception(message);
