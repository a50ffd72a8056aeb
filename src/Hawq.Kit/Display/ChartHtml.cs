using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using Plotly.NET;

namespace Hawq.Kit;

/// <summary>A chart as HTML: a static picture, which a script replaces by the interactive chart where plotly.js is at hand.</summary>
internal static class ChartHtml
{
    public static string Of(GenericChart chart)
    {
        var figure = Figure(chart);
        var json = figure.ToString(Formatting.None).Replace("<", "\\u003c", StringComparison.Ordinal); // a page's parser looks for tags in scripts too
        var id = "hawq-" + Fingerprint.Of(json)[..12];
        return $"""<div id="{id}" class="hawq-chart">{StaticPicture.Svg(figure)}</div>""" +
            $"<script>(function(){{var figure={json},id=\"{id}\";{Swap}}})();</script>";
    }

    /// <summary>
    /// Waits up to 10 s for plotly.js, since a front end may draw outputs in any order. Equal charts have one id: all of them that are on
    /// the page are drawn, each from a copy of the figure, which plotly.js changes.
    /// </summary>
    private const string Swap =
        "var tries=0;(function wait(){if(window.Plotly){document.querySelectorAll('[id=\"'+id+'\"]').forEach(function(e){" +
        "if(e.classList.contains('js-plotly-plot'))return;e.innerHTML='';var f=JSON.parse(JSON.stringify(figure));" +
        "window.Plotly.newPlot(e,f.data,f.layout,{responsive:true});});}" +
        "else if(tries++<100){setTimeout(wait,100);}})();";

    /// <summary>A few lines of text: title, axes and the range of each series.</summary>
    public static string Summary(GenericChart chart)
    {
        var figure = Figure(chart);
        var text = new StringBuilder($"Chart: {StaticPicture.Text(figure["layout"]?["title"])}");
        var axes = figure["layout"]?["scene"] ?? figure["layout"];
        text.Append(System.Globalization.CultureInfo.InvariantCulture, $" (x: {StaticPicture.Text(axes?["xaxis"]?["title"])}, y: {StaticPicture.Text(axes?["yaxis"]?["title"])})");
        foreach (var trace in figure["data"]!)
        {
            var ys = Heights(trace);
            text.Append(FormattableString.Invariant($"\n  {trace["name"]}: {ys.Count} points"));
            if (ys.Count > 0)
            {
                text.Append(FormattableString.Invariant($", {ys.Min():G4} to {ys.Max():G4}"));
            }
        }

        return text.ToString();
    }

    /// <summary>z of a surface or heat map, else y; without gaps and names.</summary>
    private static List<double> Heights(JToken trace)
    {
        var all = trace["z"]?.Children().SelectMany(row => row) ?? trace["y"] ?? Enumerable.Empty<JToken>();
        return [.. all.Where(y => y.Type is JTokenType.Float or JTokenType.Integer).Select(y => y.Value<double>())];
    }

    private static JObject Figure(GenericChart chart)
    {
        var figure = JObject.Parse(GenericChart.toFigureJson(chart));
        return new JObject { ["data"] = figure["data"], ["layout"] = figure["layout"] };
    }
}
