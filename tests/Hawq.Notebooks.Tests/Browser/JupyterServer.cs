using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Hawq.Notebooks.Tests.Browser;

/// <summary>Debian's classic Notebook on a free loopback port, with this repository's kernel and none of the user's settings.</summary>
internal sealed class JupyterServer : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private const string Token = "hawq-test";
    private readonly TemporaryFolder _folder = new();
    private readonly Process _process;
    private readonly Task<string> _log;

    private JupyterServer()
    {
        var (code, text) = HawqProgram.Run("kernel", "install", "--prefix", _folder.Path);
        code.ShouldBe(0, text);
        Directory.CreateDirectory(_folder["notebooks"]);
        var port = FreePort();
        Address = new Uri($"http://127.0.0.1:{port}/");
        var start = new ProcessStartInfo(BrowserFactAttribute.Python,
            [
                "-m", "notebook", "--no-browser", "--allow-root", "--ip=127.0.0.1", $"--port={port}", "--NotebookApp.port_retries=0",
                $"--NotebookApp.token={Token}", $"--notebook-dir={_folder["notebooks"]}",
            ])
        { RedirectStandardError = true, WorkingDirectory = _folder["notebooks"] };
        start.Environment["JUPYTER_DATA_DIR"] = Path.Combine(_folder.Path, "share", "jupyter");
        start.Environment["JUPYTER_CONFIG_DIR"] = _folder["config"];
        start.Environment["JUPYTER_RUNTIME_DIR"] = _folder["runtime"];
        start.Environment["IPYTHONDIR"] = _folder["ipython"];
        _process = Process.Start(start)!;
        _log = _process.StandardError.ReadToEndAsync();
    }

    public Uri Address { get; }

    /// <summary>The list of notebooks, for a browser that has no cookie yet.</summary>
    public string Tree => $"{Address}tree?token={Token}";

    public static async Task<JupyterServer> StartAsync()
    {
        var server = new JupyterServer();
        using var client = new HttpClient();
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Patience; await Task.Delay(200))
        {
            if (server._process.HasExited)
            {
                throw new InvalidOperationException($"Jupyter ended while it started: {await server._log}");
            }

            try
            {
                using var answer = await client.GetAsync(server.Tree);
                if (answer.IsSuccessStatusCode)
                {
                    return server;
                }
            }
            catch (HttpRequestException)
            {
                // not listening yet
            }
        }

        server.Dispose();
        throw new TimeoutException($"Jupyter did not answer at {server.Address} in {Patience.TotalSeconds} s.");
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _folder.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
