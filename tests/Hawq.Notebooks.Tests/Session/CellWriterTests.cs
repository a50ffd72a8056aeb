namespace Hawq.Notebooks.Tests.Session;

[Collection(nameof(HostCollection))]
public class CellWriterTests
{
    /// <summary>A front end shows a question only if its text is there before the field for the answer.</summary>
    [Fact]
    public void What_waits_in_the_output_of_a_cell_is_sent_when_the_console_is_flushed()
    {
        var output = new CapturedOutput();
        using var writer = new CellWriter("stdout", TextWriter.Null);
        Host.Current = output;
        try
        {
            writer.Write("name? ");
            writer.Flush();
        }
        finally
        {
            Host.Current = null;
        }

        output.Streams.ShouldBe(["name? ", "flushed"]);
    }
}
