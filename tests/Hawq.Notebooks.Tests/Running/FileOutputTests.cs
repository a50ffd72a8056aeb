using System.Diagnostics;

namespace Hawq.Notebooks.Tests.Running;

public class FileOutputTests
{
    /// <summary>Where each copies what was there before it, they copy 440 GB.</summary>
    [Fact]
    public void Many_writes_take_no_longer_each_than_few()
    {
        const int writes = 200_000;
        var output = new FileOutput(1);
        var clock = Stopwatch.StartNew();
        for (var k = 0; k < writes; k++)
        {
            output.Stream("stdout", "0123456789\n");
            clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(20));
        }

        output.ToJson().Single()!["text"]!.AsArray().Count.ShouldBe(writes);
    }

    [Fact]
    public void Streams_stand_where_they_were_written()
    {
        var output = new FileOutput(1);
        output.Stream("stdout", "a");
        output.Stream("stderr", "b");
        output.Stream("stdout", "c");
        output.ToJson().Count.ShouldBe(3); // a look in mid-cell does not part what comes after it
        output.Stream("stdout", "d\n");
        output.Display("1", Plain("shown"));
        output.Stream("stdout", "e");
        output.PlainTexts().ShouldBe(["a", "b", "cd\n", "shown", "e"]);
    }

    [Fact]
    public void A_display_of_an_earlier_cell_is_changed_there()
    {
        var first = new FileOutput(1);
        var second = new FileOutput(2, null, first);
        var third = new FileOutput(3, null, second);
        first.Display("1", Plain("early"));
        first.Display("2", Plain("stays"));
        first.ToJson();
        third.Update("1", Plain("late"));
        third.Update("unknown", Plain("nowhere"));
        (first.HasChanged, second.HasChanged, third.HasChanged).ShouldBe((true, false, false));
        first.PlainTexts().ShouldBe(["late", "stays"]);
        first.ToJson();
        first.HasChanged.ShouldBeFalse();
    }

    private static Dictionary<string, string> Plain(string text) => new() { ["text/plain"] = text };
}
