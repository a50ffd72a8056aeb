namespace Hawq.Notebooks.Tests.Session;

/// <summary>What a cell shows, as the runner writes it into a file and as the kernel sends it.</summary>
public class MimeContentTests
{
    [Theory]
    [InlineData("application/json", """{"a": [1, 2]}""", """{"a":[1,2]}""")]
    [InlineData("application/json", """["a"]""", """["a"]""")]
    [InlineData("application/json", "null", "null")]
    [InlineData("application/vnd.given.v1+json", "0.5", "0.5")]
    [InlineData("application/json", "no JSON", "\"no JSON\"")]
    [InlineData("application/json", "", "\"\"")]
    public void Under_a_JSON_type_stands_the_value_and_a_text_that_is_no_JSON_as_it_is(string type, string text, string expected)
    {
        InFile(type, text).ShouldBe(expected);
        InMessage(type, text).ShouldBe(expected);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("image/svg+xml")]
    [InlineData("model/gltf+json")] // nbformat's schema lets no value stand there
    public void Under_any_other_type_stands_the_text_in_a_file_as_its_lines(string type)
    {
        InFile(type, "[1,\n2]").ShouldBe("""["[1,\n","2]"]""");
        InMessage(type, "[1,\n2]").ShouldBe("""
            "[1,\n2]"
            """);
    }

    private static string InFile(string type, string text)
    {
        var output = new FileOutput(1);
        output.Display("1", new Dictionary<string, string> { [type] = text });
        return output.ToJson().Single()!["data"]![type]?.ToJsonString() ?? "null";
    }

    private static string InMessage(string type, string text)
    {
        var sent = new List<KernelMessage>();
        var request = KernelMessage.Of("execute_request", "test", [], null, []);
        using var output = new KernelOutput(new FrontEnd((_, message) => sent.Add(message)), request, 1, isSilent: false);
        output.Display("1", new Dictionary<string, string> { [type] = text });
        return sent.Single().Content["data"]![type]?.ToJsonString() ?? "null";
    }
}
