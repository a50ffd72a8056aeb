namespace Hawq.Notebooks;

/// <summary>What all commands do with input that is not what it should be: the message, and exit code 2.</summary>
internal static class CommandGuard
{
    public static int Run(Func<int> action)
    {
        try
        {
            return action();
        }
        catch (Exception error) when (error is NotebookException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(error.Message);
            return ExitCodes.BadInput;
        }
    }

    public static int Run(Action action) => Run(() =>
    {
        action();
        return ExitCodes.Success;
    });
}
