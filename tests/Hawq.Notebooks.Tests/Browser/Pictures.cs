using Microsoft.Playwright;

namespace Hawq.Notebooks.Tests.Browser;

/// <summary>Charts of given numbers, and pictures of them on light and dark pages for eyes to look at.</summary>
internal static class Pictures
{
    public const string Training = """
        new TrainingReport(null!, [.. Enumerable.Range(1, 30).Select(e => new EpochResult(0, "all", e, 0.1, 2.0 / e, 92 - 50.0 / e, 90 - 45.0 / e, 1))], "given numbers", 0).PlotAccuracy()
        """;

    public const string Surface = """
        var steps = Enumerable.Range(-10, 21).Select(k => k / 10.0).ToList();
        new LandscapeReport([new LandscapeDirection("eigenvector 1", 0, 2), new LandscapeDirection("eigenvector 2", 0, 1)], steps,
            [.. steps.Select(a => (IReadOnlyList<double>)[.. steps.Select(b => a * a + b * b / 2)])], 0, 100, "hash", "given numbers", 0, 0).PlotLandscape()
        """;

    /// <summary>As many blocks as ResNet20 has residual units, with its names.</summary>
    public const string Bars = """
        string[] names = ["conv1", .. Enumerable.Range(0, 9).Select(k => $"layer{k / 3 + 1}.{k % 3}"), "fc"];
        BitAllocation Given(string name, int low, int high) => new(name,
            [.. names.Select((n, k) => new BlockAllocation(new Block(n, [], []), new BitWidth(k < 5 ? high : low), 1, 1, 0.1))], QuantizationScheme.AsymmetricPerTensor, 0);
        new[] { Given("HAWQ by top eigenvalue", 2, 8), Given("HAWQ by average trace", 3, 6), Given("all 4 bit", 4, 4) }.PlotBits()
        """;

    private const string Dark = "html, body, body * { background-color: #111 !important; } svg, svg * { background-color: transparent !important; } table, table * { color: #ddd !important; }";

    private const string AddStyle = "css => { const style = document.createElement('style'); style.textContent = css; document.head.append(style); return style; }";

    /// <summary>Texts that reach beyond their picture, that overlap another, or are empty axis titles.</summary>
    private const string Faults = """
        plot => {
          const frame = plot.getBoundingClientRect(), faults = [];
          const angled = t => { const r = /rotate\((-?[\d.]+)/.exec(t.getAttribute('transform') || ''); return r && Number(r[1]) % 90 !== 0; };
          const texts = [...plot.querySelectorAll('text')].filter(t => t.textContent.trim() && getComputedStyle(t).opacity > 0 && t.getBoundingClientRect().width > 0);
          texts.forEach((t, k) => {
            const a = t.getBoundingClientRect();
            if (a.left < frame.left - 1 || a.right > frame.right + 1 || a.top < frame.top - 1 || a.bottom > frame.bottom + 1) faults.push(`clipped: ${t.textContent}`);
            texts.slice(k + 1).forEach(u => {
              const b = u.getBoundingClientRect();
              const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left), high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
              if (wide > 2 && high > 2 && !angled(t) && !angled(u)) faults.push(`overlapping: ${t.textContent} | ${u.textContent}`);
            });
          });
          return faults;
        }
        """;

    /// <summary>No text is cut off by the picture's edge, and no two lie on each other.</summary>
    public static async Task ShouldShowAllText(ILocator picture) => (await picture.EvaluateAsync<string[]>(Faults)).ShouldBeEmpty();

    /// <summary>Saves NAME-light.png and NAME-dark.png into the folder HAWQ_PICTURES, if it is given.</summary>
    public static async Task LightAndDarkAsync(IPage page, ILocator part, string name)
    {
        if (Environment.GetEnvironmentVariable("HAWQ_PICTURES") is not { Length: > 0 } folder)
        {
            return;
        }

        await page.Mouse.MoveAsync(0, 0); // no hover labels
        await part.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}-light.png") });
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        var style = (await page.EvaluateHandleAsync(AddStyle, Dark)).AsElement()!; // AddStyleTagAsync waits for ever where scripts are off
        await part.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}-dark.png") });
        await style.EvaluateAsync("style => style.remove()");
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
    }
}
