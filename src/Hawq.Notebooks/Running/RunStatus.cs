using System.Globalization;

namespace Hawq.Notebooks;

/// <summary>Tells the supervising process which cell runs, so that it can name the cell if this process is killed.</summary>
internal static class RunStatus
{
    private const string Variable = "HAWQ_STATUS_FILE";

    public static bool IsWorker => Environment.GetEnvironmentVariable(Variable) is not null;

    public static void Save(int cell)
    {
        if (Environment.GetEnvironmentVariable(Variable) is { } path)
        {
            File.WriteAllText(path, cell.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Says that no cell runs any more; a process that ends without it was ended by a cell.</summary>
    public static void Clear()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { } path)
        {
            File.WriteAllText(path, "");
        }
    }

    public static void PassTo(System.Diagnostics.ProcessStartInfo start, string path) => start.Environment[Variable] = path;
}
