using System.Text;

namespace Hawq.Notebooks;

/// <summary>Sends what a cell writes to the console to the cell's output.</summary>
internal sealed class CellWriter(string stream, TextWriter fallback) : TextWriter
{
    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => Write(value.ToString());

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(string? value)
    {
        if (string.IsNullOrEmpty(value))
        {
            return;
        }

        if (Host.Current is { } output)
        {
            Host.Interruption?.StopAtOutput();
            Host.InEngine(() => output.Stream(stream, value));
        }
        else
        {
            fallback.Write(value);
        }
    }

    public override void WriteLine(string? value) => Write(value + "\n");

    public override void Flush()
    {
        if (Host.Current is { } output)
        {
            Host.InEngine(output.Flush);
        }
        else
        {
            fallback.Flush();
        }
    }
}
