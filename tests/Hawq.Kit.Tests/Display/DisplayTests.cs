using Microsoft.Data.Analysis;

namespace Hawq.Kit.Tests.Display;

public class DisplayTests
{
    [Fact]
    public void A_chart_holds_a_static_picture_with_its_marks_titles_and_no_foreign_address()
    {
        var chart = ChartMaker.Bars(new Axes("Top <λ>", "block", "|λ|", LogY: true), [new Series("a", ["conv1", "linear"], [2.5, 0.01])]);
        var html = ChartHtml.Of(chart);
        html.ShouldBe(ChartHtml.Of(chart));
        html.ShouldContain("<svg role=\"img\"");
        html.ShouldContain("conv1");
        html.ShouldContain("Plotly.newPlot");
        html.Replace("http://www.w3.org/", "", StringComparison.Ordinal).ShouldNotContain("http");
        ChartHtml.Summary(chart).ShouldContain("0.01 to 2.5");
    }

    [Fact]
    public void A_table_encodes_its_text_and_caps_its_rows()
    {
        var frame = new DataFrame(
            new StringDataFrameColumn("a<b", Enumerable.Repeat("x&y", 150)), new DoubleDataFrameColumn("Ω", Enumerable.Repeat(0.5, 150)));
        var html = TableText.Html(frame);
        html.ShouldContain("a&lt;b");
        html.ShouldContain("x&amp;y");
        html.ShouldContain("The first 100 of 150 rows.");
        html.ShouldContain("scope=\"col\"");
        TableText.Plain(frame).Split('\n').Length.ShouldBe(102);
    }

    [Theory]
    [InlineData(0.0, "0")]
    [InlineData(1e-4, "1.00E-4")]
    [InlineData(0.5, "0.5")]
    [InlineData(123.456, "123.5")]
    [InlineData(999.96, "1000")]
    [InlineData(9999.7, "10000")]
    [InlineData(24_720.5, "24721")]
    [InlineData(-24_720.5, "-24721")]
    [InlineData(999_999.4, "999999")]
    [InlineData(999_999.6, "1.00E+6")]
    [InlineData(1e6, "1000000")]
    [InlineData(1_234_567.8, "1.23E+6")]
    [InlineData(double.NaN, "–")]
    [InlineData(double.PositiveInfinity, "Infinity")]
    public void A_number_below_a_million_is_written_in_digits(double number, string expected) =>
        TableText.Plain(new DataFrame(new DoubleDataFrameColumn("x", [number]))).Split('\n')[1].Trim().ShouldBe(expected);

    [Fact]
    public void A_table_has_room_between_its_columns_and_the_colours_of_its_page()
    {
        var html = TableText.Html(new DataFrame(new StringDataFrameColumn("block", ["conv1"]), new DoubleDataFrameColumn("λ", [0.5])).WithCaption("c"));
        System.Text.RegularExpressions.Regex.Count(html, "<t[hd] [^>]*padding:").ShouldBe(4);
        html.ShouldNotMatch("[;\"]color:|background|#[0-9a-f]{3}|black|white");
    }

    [Fact]
    public void A_column_of_links_leads_where_it_was_told_and_nowhere_unsafe()
    {
        DataFrame Frame() => new(new StringDataFrameColumn("card", ["a&b", "none"]), new DoubleDataFrameColumn("λ", [0.5, 1]));
        var frame = Frame().WithLinks("card", ["../models/a&b.json", null]);
        TableText.Html(frame).ShouldContain("<a href=\"../models/a&amp;b.json\">a&amp;b</a></td>");
        TableText.Html(frame).ShouldContain(">none</td>");
        TableText.Plain(frame).ShouldNotContain("models");
        TableText.Html(Frame().WithLinks("card", ["https://example.org/?a=1", null])).ShouldContain("href=\"https://example.org/?a=1\"");
        foreach (var wrong in (string[])["javascript:alert(1)", "file:///etc/passwd", "/etc/passwd", "//example.org", "data:text/html,x", "C:\\x", ""])
        {
            Should.Throw<ArgumentException>(() => Frame().WithLinks("card", [wrong, null])).Message.ShouldContain("relative path");
        }

        Should.Throw<ArgumentException>(() => Frame().WithLinks("cards", ["a", "b"])).Message.ShouldContain("card, λ");
        Should.Throw<ArgumentException>(() => Frame().WithLinks("card", ["a"])).Message.ShouldContain("expected 2");
    }
}
