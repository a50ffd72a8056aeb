using System.Globalization;

namespace Hawq.Notebooks;

/// <summary>Tells the supervising process which cell runs, so that it can name the cell if this process is killed; and ends this one with it.</summary>
/// <remarks>
/// What the supervising process tells by its variables is taken out of the environment at the start, before any cell runs: a
/// <c>hawq run</c> that a cell starts would else take itself for this run's worker.
/// </remarks>
internal static class RunStatus
{
    private const string Variable = "HAWQ_STATUS_FILE";
    private const string Supervisor = "HAWQ_SUPERVISOR_PID";

    private static readonly string? StatusFile = Taken(Variable);
    private static readonly string? SupervisingProcess = Taken(Supervisor);

    public static bool IsWorker => StatusFile is not null;

    /// <summary>Says that a cell runs.</summary>
    /// <param name="notebook">The notebook.</param>
    /// <param name="cell">The cell's place in it.</param>
    /// <param name="saved">Where the outputs of the cells before it lie, or <see langword="null"/> where none were written.</param>
    public static void Save(string notebook, int cell, string? saved)
    {
        if (StatusFile is { } path)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{notebook}, cell {cell}");
            File.WriteAllLines(path, saved is null ? [name] : [name, saved]);
        }
    }

    /// <summary>Says that no cell runs any more; a process that ends without it was ended by a cell.</summary>
    public static void Clear()
    {
        if (StatusFile is { } path)
        {
            File.WriteAllText(path, "");
        }
    }

    /// <summary>Gives a worker that is about to start the file, and the process to watch.</summary>
    public static void PassTo(System.Diagnostics.ProcessStartInfo start, string path)
    {
        start.Environment[Variable] = path;
        start.Environment[Supervisor] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Ends this process when the supervising one was killed.</summary>
    public static void WatchSupervisor() => ParentWatch.Start(SupervisingProcess);

    private static string? Taken(string variable)
    {
        var value = Environment.GetEnvironmentVariable(variable);
        Environment.SetEnvironmentVariable(variable, null);
        return value;
    }
}
