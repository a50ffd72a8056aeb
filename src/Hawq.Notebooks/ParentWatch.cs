using System.Diagnostics;
using System.Globalization;

namespace Hawq.Notebooks;

/// <summary>Ends this process when the one that started it is gone without a word, so that none stays behind.</summary>
internal static class ParentWatch
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>Names the process that Jupyter watches a kernel for.</summary>
    public const string Jupyter = "JPY_PARENT_PID";

    /// <summary>Watches the process that an environment variable names; without that variable, none.</summary>
    public static void Start(string variable)
    {
        if (int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var parent) && parent > 1)
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
