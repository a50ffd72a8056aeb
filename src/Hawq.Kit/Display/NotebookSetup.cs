using System.IO.Compression;
using Plotly.NET;

namespace Hawq.Kit;

/// <summary>What runs a notebook; as HTML it carries plotly.js.</summary>
public sealed class NotebookSetup
{
    private const string Script = "Plotly.NET.plotly-2.28.0.min.js";
    private readonly string _line;
    private readonly bool _carriesPlotly;

    internal NotebookSetup(string line, bool carriesPlotly) => (_line, _carriesPlotly) = (line, carriesPlotly);

    /// <summary>The line, and plotly.js, compressed, where a front end will run it.</summary>
    public string ToHtml() => _carriesPlotly ? $"<p>{_line}</p>{PlotlyScript()}" : $"<p>{_line}</p>";

    /// <inheritdoc/>
    public override string ToString() => _line;

    /// <summary>plotly.js out of Plotly.NET's own resource. Jupyter's require.js is hidden from it, or it would not set window.Plotly.</summary>
    private static string PlotlyScript()
    {
        using var resource = typeof(GenericChart).Assembly.GetManifestResourceStream(Script)
            ?? throw new InvalidOperationException($"Plotly.NET carries no resource {Script}; expected Plotly.NET 6.0.0.");
        using var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            resource.CopyTo(zip);
        }

        return $$"""
            <script>(function(){if(window.Plotly)return;var bytes=Uint8Array.from(atob("{{Convert.ToBase64String(packed.ToArray())}}"),function(c){return c.charCodeAt(0);});
            new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text().then(function(code){
            new Function("define","module","exports","require",code).call(window);});})();</script>
            """;
    }
}
