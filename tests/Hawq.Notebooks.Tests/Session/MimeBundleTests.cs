namespace Hawq.Notebooks.Tests.Session;

public class MimeBundleTests
{
    [Fact]
    public void A_dictionary_of_texts_is_a_value_like_any()
    {
        MimeBundle.Of(new Dictionary<string, string> { ["name"] = "value" }).Keys.ShouldContain("text/plain");
        MimeBundle.Of(new Dictionary<string, string> { ["name"] = "value" })["text/plain"].ShouldContain("value");
        MimeBundle.Of(new Dictionary<string, string>()).Keys.ShouldContain("text/plain");
        MimeBundle.Of(new Dictionary<string, string> { ["text/html"] = "a", ["name"] = "value" }).Keys.ShouldContain("text/plain");
    }

    [Fact]
    public void Contents_by_MIME_type_stay_as_they_are()
    {
        var contents = new Dictionary<string, string> { ["text/html"] = "<b>" };
        MimeBundle.Of(contents).ShouldBeSameAs(contents);
    }
}
