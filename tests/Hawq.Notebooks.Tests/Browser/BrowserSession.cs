using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace Hawq.Notebooks.Tests.Browser;

/// <summary>Names the collection of tests that share one browser and run one after another.</summary>
[CollectionDefinition(nameof(BrowserSession))]
public sealed class BrowserCollection : ICollectionFixture<BrowserSession>;

/// <summary>Jupyter and Debian's chromium, which reaches loopback and nothing else; started once for all tests.</summary>
public sealed class BrowserSession : IAsyncLifetime
{
    private JupyterServer? _jupyter;
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private IBrowserContext? _context;

    /// <summary>What pages asked for beyond loopback, and did not get.</summary>
    public ConcurrentQueue<string> Refused { get; } = new();

    public async Task InitializeAsync()
    {
        if (BrowserFactAttribute.Missing is not null)
        {
            return; // every test is skipped
        }

        _jupyter = await JupyterServer.StartAsync();
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = BrowserFactAttribute.Chromium, // Debian's: nothing is downloaded
            Args = ["--no-sandbox"],
        });
        _context = await NewContextAsync(scripts: true);
        _context.SetDefaultTimeout(90_000);
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.CloseAsync();
        }

        _playwright?.Dispose();
        _jupyter?.Dispose();
    }

    /// <summary>A new notebook, chosen in the list's menu as a user would.</summary>
    internal async Task<ClassicNotebook> NewNotebookAsync()
    {
        var tree = await _context!.NewPageAsync();
        await tree.GotoAsync(_jupyter!.Tree);
        await tree.ClickAsync("#new-dropdown-button");
        var page = await _context.RunAndWaitForPageAsync(() => tree.ClickAsync($"#kernel-{KernelSpec.DefaultName} a"));
        var notebook = await ClassicNotebook.OpenedAsync(page);
        await tree.CloseAsync(); // not before: its script sends the new page to the notebook
        return notebook;
    }

    /// <summary>HTML as a page shows it that runs no scripts.</summary>
    internal async Task<IPage> WithoutScriptsAsync(string html)
    {
        var context = await NewContextAsync(scripts: false);
        var page = await context.NewPageAsync();
        await page.SetContentAsync($"<body>{html}</body>");
        return page;
    }

    private async Task<IBrowserContext> NewContextAsync(bool scripts)
    {
        var context = await _browser!.NewContextAsync(new() { JavaScriptEnabled = scripts, ViewportSize = new() { Width = 1100, Height = 900 } });
        await context.RouteAsync(url => !new Uri(url).IsLoopback, route =>
        {
            Refused.Enqueue(route.Request.Url);
            return route.AbortAsync();
        });
        return context;
    }
}
