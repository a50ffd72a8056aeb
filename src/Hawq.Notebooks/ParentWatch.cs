using System.Diagnostics;
using System.Globalization;

namespace Hawq.Notebooks;

/// <summary>Ends this process when the one that started it is gone without a word, so that none stays behind.</summary>
internal static class ParentWatch
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>Names the process that Jupyter watches a kernel for. It stays in the environment: by it programs tell that they run below Jupyter.</summary>
    public const string Jupyter = "JPY_PARENT_PID";

    /// <summary>Watches a process; where none is named, none.</summary>
    /// <param name="id">Its id, as the environment gave it.</param>
    public static void Start(string? id)
    {
        if (int.TryParse(id, CultureInfo.InvariantCulture, out var parent) && parent > 1)
        {
            _ = Task.Run(() => Watch(parent));
        }
    }

    private static async Task Watch(int parent)
    {
        try
        {
            using var process = Process.GetProcessById(parent);
            while (!process.HasExited)
            {
                await Task.Delay(Pause).ConfigureAwait(false);
            }
        }
        catch (ArgumentException)
        {
            // it was gone before it could be looked at
        }

        Environment.Exit(ExitCodes.Success);
    }
}
