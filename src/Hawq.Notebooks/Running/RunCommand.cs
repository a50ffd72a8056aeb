using System.CommandLine;

namespace Hawq.Notebooks;

/// <summary><c>hawq run</c>: executes a notebook without a front end.</summary>
internal static class RunCommand
{
    private const double LongestCell = 40 * 86400; // timers of the runtime count milliseconds in 32 bits

    public static Command Make()
    {
        var notebook = new Argument<string>("notebook") { Description = "The notebook (.ipynb)." };
        var output = new Option<string?>("--output", "-o") { Description = "Where to write the executed notebook." };
        var inPlace = new Option<bool>("--in-place") { Description = "Write the outputs into the notebook itself." };
        var parameters = new Option<string[]>("--parameter", "-p") { Description = "name=value for the cell tagged 'parameters'; may be repeated." };
        var timeout = new Option<double>("--timeout") { Description = "Longest time for a cell, in seconds.", DefaultValueFactory = _ => 86400 };
        var watch = new Option<bool>("--watch") { Description = "Stay, and run the first changed cell and all after it whenever the file changes." };
        var command = new Command("run", "Runs a notebook from its first cell to its last.") { notebook, output, inPlace, parameters, timeout, watch };
        command.SetAction(parse => CommandGuard.Run(() =>
        {
            var path = parse.GetValue(notebook)!;
            if (parse.GetValue(inPlace) && parse.GetValue(output) is { } other)
            {
                throw new NotebookException($"Received --in-place and --output {other}; expected one of them, since the outputs are written to one place.");
            }

            var saved = parse.GetValue(inPlace) ? path : parse.GetValue(output);
            return Run(new RunSettings(
                path,
                saved is null ? null : Path.GetFullPath(saved), // the run changes folders
                parse.GetValue(parameters) ?? [],
                Limit(parse.GetValue(timeout)),
                parse.GetValue(watch)));
        }));
        return command;
    }

    private static TimeSpan Limit(double seconds) => seconds > 0 && seconds <= LongestCell
        ? TimeSpan.FromSeconds(seconds)
        : throw new NotebookException(FormattableString.Invariant($"Received --timeout {seconds}; expected seconds, above 0 and at most {LongestCell:N0}, 40 days."));

    private static int Run(RunSettings settings)
    {
        var terminal = Console.Out; // the user's, before that of the cells stands in front of it
        NotebookProcess.Prepare();
        int code;
        try
        {
            code = new NotebookRun(settings, terminal).Go().GetAwaiter().GetResult();
        }
        finally
        {
            RunStatus.Clear();
        }

        terminal.Flush();
        Environment.Exit(code); // a cell that never ends, or a thread that it started, must not keep the process
        return code;
    }
}
