using System.Text;

namespace Hawq.Notebooks.Tests;

/// <summary>A terminal whose window was closed.</summary>
internal sealed class ClosedTerminal : TextWriter
{
    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => throw new IOException("Input/output error");
}
