using System.Text.Json.Nodes;

namespace Hawq.Notebooks.Tests.Kernel;

[Collection(nameof(HostCollection))]
public sealed class LanguageTests(LanguageTests.Started started) : IClassFixture<LanguageTests.Started>
{
    [Theory]
    [InlineData("Console.WriteL", 8, "WriteLine")]
    [InlineData("words.Ad", 6, "Add", "AddRange")] // declared by an earlier cell
    [InlineData("words.Sel", 6, "Select")] // an extension method
    [InlineData("Twi", 0, "Twice")]
    [InlineData("Twice(num", 6, "number:")] // name of an argument
    [InlineData("new Uri", 4, "Uri")]
    [InlineData("using System.Thr", 13, "Threading")]
    [InlineData("int n = 1; n.To", 13, "ToString")]
    [InlineData("foreach (var word in words) { word.Le", 35, "Length")]
    [InlineData("$\"{words.Cou", 9, "Count")]
    [InlineData("words?.Cou", 7, "Count")]
    [InlineData("DateTime? d = null; d?.Ye", 23, "Year")]
    [InlineData("DateTime? d = null; d.Has", 22, "HasValue")]
    [InlineData("#!time\nwords.Cl", 13, "Clear")]
    [InlineData("var 𝔘 = 1; wor", 11, "words")] // 𝔘 is one character for Jupyter and two for C#
    [InlineData("fore", 0, "foreach")]
    [InlineData("new System.Text.StringBuilder { Cap", 32, "Capacity")]
    public void A_completion_is_found(string code, int start, params string[] expected)
    {
        var reply = Completion.Answer(code, code.EnumerateRunes().Count(), started.Session);
        reply["cursor_start"]!.GetValue<int>().ShouldBe(start);
        expected.ShouldBeSubsetOf(Matches(reply));
    }

    [Fact]
    public void A_cell_that_loads_a_file_is_completed()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["helpers.csx"], "int Thrice(int number) => 3 * number;");
        var code = $"#load \"{folder["helpers.csx"]}\"\nwords.Ad";
        Matches(Completion.Answer(code, code.Length, started.Session)).ShouldContain("Add");
    }

    [Theory]
    [InlineData("// words.")]
    [InlineData("var s = \"words.")]
    [InlineData("nothing.")]
    public void Nothing_is_offered_in_prose_or_after_an_unknown_name(string code) =>
        Matches(Completion.Answer(code, code.Length, started.Session)).ShouldBeEmpty();

    [Fact]
    public void A_completion_looks_at_the_cursor_not_at_the_end()
    {
        var reply = Completion.Answer("words.Ad\nvar x = 3;", 8, started.Session);
        Matches(reply).ShouldContain("AddRange");
        Matches(Completion.Answer("Console.", 8, started.Session)).ShouldNotContain("Twice");
    }

    [Fact]
    public void A_completion_has_a_signature()
    {
        var found = Completion.Answer("Twic", 4, started.Session)["metadata"]!["_jupyter_types_experimental"]!.AsArray().Single()!;
        found["type"]!.GetValue<string>().ShouldBe("function");
        found["signature"]!.GetValue<string>().ShouldBe("int Twice(int number)");
    }

    [Theory]
    [InlineData("Console.WriteLine(1)", 12, "void Console.WriteLine(int value)")]
    [InlineData("Twice(2)", 2, "int Twice(int number)\n\nTwice a number.\nnumber: What is doubled.")]
    [InlineData("Twice(", 6, "int Twice(int number)")] // inside the brackets
    [InlineData("words", 5, "List<string> words")]
    [InlineData("DateTime.Now", 3, "readonly struct DateTime\n\nRepresents an instant in time")]
    public void An_inspection_shows_signature_and_documentation(string code, int cursor, string expected)
    {
        var reply = Inspection.Answer(code, cursor, started.Session);
        reply["found"]!.GetValue<bool>().ShouldBeTrue();
        reply["data"]!["text/plain"]!.GetValue<string>().ShouldStartWith(expected);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("   ", 1)]
    [InlineData("unknown", 3)]
    [InlineData("// Twice", 5)]
    public void An_inspection_of_nothing_finds_nothing(string code, int cursor) =>
        Inspection.Answer(code, cursor, started.Session)["found"]!.GetValue<bool>().ShouldBeFalse();

    [Theory]
    [InlineData("1+1", "complete")]
    [InlineData("#!time\nvar x = 1;", "complete")]
    [InlineData("for (int k = 0; k < 3; k++) {", "incomplete")]
    [InlineData("Console.WriteLine(", "incomplete")]
    [InlineData("/* not", "incomplete")]
    [InlineData("int x = = 3;", "invalid")]
    [InlineData("", "complete")]
    public void Completeness_is_told(string code, string expected) => Completeness.Answer(code)["status"]!.GetValue<string>().ShouldBe(expected);

    [Fact]
    public void The_next_line_is_indented() => Completeness.Answer("class A\n  {")["indent"]!.GetValue<string>().ShouldBe("      ");

    private static IEnumerable<string> Matches(JsonObject reply) => reply["matches"]!.AsArray().Select(match => match!.GetValue<string>());

    /// <summary>A session in which a cell ran.</summary>
    public sealed class Started
    {
        public Started() => Session.Run(
            "/// <summary>Twice a number.</summary>\n/// <param name=\"number\">What is doubled.</param>\nint Twice(int number) => 2 * number;\n" +
            "var words = new List<string>();", "cell 1", new CapturedOutput()).GetAwaiter().GetResult().ShouldBeNull();

        internal NotebookSession Session { get; } = new(Path.GetTempPath());
    }
}
