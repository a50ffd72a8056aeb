using System.Diagnostics;

namespace Hawq.Notebooks.Tests.Session;

public class ChildProcessTests
{
    [Fact]
    public void What_a_program_wrote_and_its_exit_code_are_told()
    {
        using var folder = new TemporaryFolder();
        using var process = Shell(folder, "echo text; echo error >&2; exit 3");
        ChildProcess.Finish(process, CancellationToken.None).ShouldBe("text\nerror\n");
        process.ExitCode.ShouldBe(3);
    }

    [Fact]
    public async Task A_program_that_is_waited_for_no_more_ends_with_all_that_it_started()
    {
        using var folder = new TemporaryFolder();
        using var process = Shell(folder, "sleep 1000 & echo $! > started; wait");
        using var cancellation = new CancellationTokenSource();
        var started = Task.Run(() =>
        {
            var id = folder.Written("started");
            cancellation.Cancel();
            return id;
        });
        Should.Throw<OperationCanceledException>(() => ChildProcess.Finish(process, cancellation.Token));
        var ended = await started;
        SpinWait.SpinUntil(() => !Directory.Exists($"/proc/{ended}"), TimeSpan.FromSeconds(30)).ShouldBeTrue();
    }

    private static Process Shell(TemporaryFolder folder, string script) => Process.Start(
        new ProcessStartInfo("sh", ["-c", script]) { WorkingDirectory = folder.Path, RedirectStandardOutput = true, RedirectStandardError = true })!;
}
