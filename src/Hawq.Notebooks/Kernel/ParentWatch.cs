using System.Diagnostics;
using System.Globalization;

namespace Hawq.Notebooks;

/// <summary>Ends the kernel when the server that started it is gone without a word, so that none stays behind.</summary>
internal static class ParentWatch
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>Watches the process that Jupyter names in JPY_PARENT_PID; without that variable, none.</summary>
    public static void Start()
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("JPY_PARENT_PID"), CultureInfo.InvariantCulture, out var parent) && parent > 1)
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
