namespace Hawq.Notebooks;

/// <summary>What all commands do with input that is not what it should be: the message, and exit code 2.</summary>
internal static class CommandGuard
{
    public static int Run(Func<int> action)
    {
        var errors = Console.Error; // the user's: the action may put the console of cells in front of it
        try
        {
            return action();
        }
        catch (Exception error) when (error is NotebookException or IOException or UnauthorizedAccessException)
        {
            errors.WriteLine(error.Message);
            return ExitCodes.BadInput;
        }
    }

    public static int Run(Action action) => Run(() =>
    {
        action();
        return ExitCodes.Success;
    });
}
