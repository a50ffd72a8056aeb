using System.Xml.Linq;

namespace Hawq.Kit.Tests.Display;

public class ChartHtmlTests
{
    /// <summary>Words that a regular expression, XML or a page's parser would take for their own.</summary>
    [Theory]
    [InlineData("$'")]
    [InlineData("$&")]
    [InlineData("$_")]
    [InlineData("$`")]
    [InlineData("a\"b")]
    [InlineData("a < b & c")]
    [InlineData("<!--<script>")]
    [InlineData("</script><script>alert(1)</script>")]
    public void Any_title_names_the_picture_and_leaves_the_page_whole(string title)
    {
        var html = ChartHtml.Of(new Axes(title, title, title).PlotLines(Series.Of(title, (0, 1), (1, 2)), Series.Of("other", (0, 2))));
        var picture = XElement.Parse(html[html.IndexOf("<svg", StringComparison.Ordinal)..(html.LastIndexOf("</svg>", StringComparison.Ordinal) + 6)]);
        picture.Attribute("aria-label")!.Value.ShouldBe(title);
        picture.Attribute("role")!.Value.ShouldBe("img");
        Times("<script").ShouldBe(1);
        Times("</script").ShouldBe(1);
        Times("<!--").ShouldBe(0);

        int Times(string words) => html.Split(words).Length - 1;
    }

    /// <summary>Equal charts have one id, by which a page finds the first of them alone.</summary>
    [Fact]
    public void The_script_takes_all_charts_of_its_id_that_are_not_drawn_yet()
    {
        var chart = new Axes("t", "x", "y").PlotLines(Series.Of("a", (0, 1), (1, 2)));
        var html = ChartHtml.Of(chart);
        html.ShouldBe(ChartHtml.Of(new Axes("t", "x", "y").PlotLines(Series.Of("a", (0, 1), (1, 2)))));
        html.ShouldNotContain("getElementById");
        html.ShouldContain("querySelectorAll");
        html.ShouldContain("js-plotly-plot"); // plotly.js's mark of what is drawn
    }
}
