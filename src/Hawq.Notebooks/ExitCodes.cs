namespace Hawq.Notebooks;

/// <summary>How <c>hawq</c> ends.</summary>
internal static class ExitCodes
{
    public const int Success = 0;
    public const int CellFailed = 1;
    public const int BadInput = 2;
    public const int TimedOut = 124;
    public const int Interrupted = 130;
}
