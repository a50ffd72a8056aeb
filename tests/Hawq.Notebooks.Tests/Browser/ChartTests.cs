using System.Globalization;
using Microsoft.Playwright;

namespace Hawq.Notebooks.Tests.Browser;

/// <summary>Charts as the classic Notebook draws them with no network: marks where the numbers say, titles with units, nothing cut off.</summary>
[Collection(nameof(BrowserSession))]
[Trait("Category", "Browser")]
public class ChartTests(BrowserSession session)
{
    /// <summary>The loss 0.5 + t² at five places, as a quadratic that it equals.</summary>
    private const string Line = """
        new LandscapeReport([new LandscapeDirection("eigenvector 1", 0, 2)], [-2, -1, 0, 1, 2],
            [[4.5], [1.5], [0.5], [1.5], [4.5]], 0.5, 100, "hash", "given numbers", 0, 0).PlotLandscape()
        """;

    [BrowserFact]
    public async Task A_chart_is_drawn_without_a_network()
    {
        var (notebook, cell) = await DrawnAsync(Line);
        var plot = cell.Locator(".js-plotly-plot");
        (await plot.Locator(".gtitle").TextContentAsync()).ShouldBe("Loss on a line through the trained weights");
        (await plot.Locator(".xtitle").TextContentAsync()).ShouldBe("t along eigenvector 1");
        (await plot.Locator(".ytitle").TextContentAsync()).ShouldBe("loss [nat]");
        (await plot.Locator(".legendtext").AllTextContentsAsync()).ShouldBe(["loss", "quadratic"]);
        (await plot.Locator(".scatterlayer .trace").CountAsync()).ShouldBe(2);
        (await plot.Locator(".scatterlayer .trace path.js-line").CountAsync()).ShouldBe(2);
        await ShouldLieOnTheParabola(plot.Locator(".scatterlayer .trace").First.Locator("path.point"));
        await Pictures.ShouldShowAllText(plot);
        await Pictures.LightAndDarkAsync(notebook.Page, plot, "line");
        session.Refused.ShouldBeEmpty();
    }

    /// <summary>They have one id.</summary>
    [BrowserFact]
    public async Task Equal_charts_are_drawn_each_in_its_place()
    {
        var (notebook, _) = await DrawnAsync(Line);
        var second = await notebook.RunAsync(Line);
        await second.Locator(".js-plotly-plot .gtitle").WaitForAsync();
        (await notebook.Page.Locator(".js-plotly-plot").CountAsync()).ShouldBe(2);
        await ShouldLieOnTheParabola(second.Locator(".js-plotly-plot .scatterlayer .trace").First.Locator("path.point"));
    }

    [BrowserFact]
    public async Task Other_charts_and_a_table_show_all_their_text()
    {
        var (notebook, cell) = await DrawnAsync(Pictures.Training);
        await Pictures.ShouldShowAllText(cell.Locator(".js-plotly-plot"));
        await Pictures.LightAndDarkAsync(notebook.Page, cell, "training");
        foreach (var (name, code) in new[] { ("surface", Pictures.Surface), ("bars", Pictures.Bars) })
        {
            cell = await notebook.RunAsync(code);
            await cell.Locator(".js-plotly-plot .gtitle").WaitForAsync();
            await Pictures.ShouldShowAllText(cell.Locator(".js-plotly-plot"));
            await Pictures.LightAndDarkAsync(notebook.Page, cell, name);
        }

        cell = await notebook.RunAsync(Line.Replace("PlotLandscape", "ToDataFrame", StringComparison.Ordinal));
        (await cell.Locator("table th[scope=col]").AllInnerTextsAsync()).ShouldContain("loss [nat]");
        await Pictures.LightAndDarkAsync(notebook.Page, cell.Locator("table"), "table");
    }

    [BrowserFact]
    public async Task A_page_without_scripts_shows_the_same_chart_as_a_picture()
    {
        var (notebook, _) = await DrawnAsync(Line);
        var html = await notebook.Page.EvaluateAsync<string>("Jupyter.notebook.get_cells()[1].output_area.outputs[0].data['text/html']");
        var page = await session.WithoutScriptsAsync(html);
        var picture = page.Locator("svg");
        var texts = await picture.Locator("text").AllTextContentsAsync();
        texts.ShouldContain("t along eigenvector 1");
        texts.ShouldContain("loss [nat]");
        texts.Select(text => text.Trim()).ShouldContain("quadratic"); // legends leave room at the end of each name
        await Pictures.ShouldShowAllText(picture);
        await Pictures.LightAndDarkAsync(page, picture, "static");
    }

    private async Task<(ClassicNotebook Notebook, ILocator Cell)> DrawnAsync(string chart)
    {
        var notebook = await session.NewNotebookAsync();
        await notebook.RunAsync($"#r \"{BuiltKit.Path}\"\nusing Hawq.Kit;\nNotebook.Setup()");
        var cell = await notebook.RunAsync(chart);
        await cell.Locator(".js-plotly-plot .gtitle").WaitForAsync();
        return (notebook, cell);
    }

    /// <summary>Points from left to right at equal distances; heights on the screen as 4 : 1 : 0 : 1 : 4.</summary>
    private static async Task ShouldLieOnTheParabola(ILocator points)
    {
        var places = new List<(double X, double Y)>();
        foreach (var point in await points.AllAsync())
        {
            var box = (await point.BoundingBoxAsync())!;
            places.Add((box.X + (box.Width / 2), box.Y + (box.Height / 2)));
        }

        places.Count.ShouldBe(5);
        var (x, y, step, rise) = (places[2].X, places[2].Y, places[3].X - places[2].X, places[2].Y - places[3].Y);
        step.ShouldBeGreaterThan(20);
        rise.ShouldBeGreaterThan(20);
        for (var k = 0; k < 5; k++)
        {
            places[k].X.ShouldBe(x + ((k - 2) * step), 1.5, string.Create(CultureInfo.InvariantCulture, $"x of point {k}"));
            places[k].Y.ShouldBe(y - ((k - 2) * (k - 2) * rise), 1.5, string.Create(CultureInfo.InvariantCulture, $"y of point {k}"));
        }
    }
}
