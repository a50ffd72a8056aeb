using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Hawq.Notebooks;

/// <summary>What a cell reads from the console: the user's answers to questions in the front end.</summary>
internal sealed class FrontEndInput(FrontEnd frontEnd) : TextReader
{
    private readonly BlockingCollection<string> _answers = [];

    /// <summary>The request whose cell runs, if its front end answers questions.</summary>
    public KernelMessage? Request { get; set; }

    /// <summary>Takes an <c>input_reply</c>.</summary>
    public void Answer(KernelMessage reply) => _answers.Add(reply.Text("value"));

    /// <summary>Asks the user for a line.</summary>
    /// <exception cref="InvalidOperationException">The front end answers no questions.</exception>
    /// <exception cref="OperationCanceledException">The cell was interrupted.</exception>
    public override string ReadLine()
    {
        var request = Request ?? throw new InvalidOperationException(
            "The cell reads from the console, but this front end answers no questions (allow_stdin is false). Assign the value in the cell instead.");
        while (_answers.TryTake(out _))
        {
            // an answer to a question of a cell that was interrupted
        }

        Console.Out.Flush(); // the question, as a rule
        Host.InEngine(() => frontEnd.Ask("input_request", request, new JsonObject { ["prompt"] = "", ["password"] = false }));
        return _answers.Take(Host.Cancellation);
    }

    public override int Read() => throw new InvalidOperationException("A notebook reads whole lines only; call Console.ReadLine().");

    protected override void Dispose(bool disposing)
    {
        _answers.Dispose();
        base.Dispose(disposing);
    }
}
