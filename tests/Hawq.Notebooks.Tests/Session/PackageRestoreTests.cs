using Hawq.Kit;

namespace Hawq.Notebooks.Tests.Session;

/// <summary>A package that another notebook restores for ever.</summary>
public class PackageRestoreTests
{
    private const string Package = "Given.Library-1.2.3";

    [Fact]
    public void It_is_waited_for_until_the_limit_and_the_lock_is_named()
    {
        using var folder = new TemporaryFolder();
        using var held = Held(folder.Path);
        var packages = new PackageRestore { Cache = folder.Path, Limit = TimeSpan.FromSeconds(0.3) };
        var message = Should.Throw<NotebookException>(() => packages.Assemblies("Given.Library", "1.2.3")).Message;
        message.ShouldStartWith("#r \"nuget:Given.Library, 1.2.3\" was not restored within");
        message.ShouldContain(folder[$"{Package}/lock"]);
        message.ShouldContain("run the cell again");
    }

    [Fact]
    public void A_cell_that_waits_for_it_is_interrupted_and_the_session_goes_on()
    {
        using var folder = new TemporaryFolder();
        using var held = Held(folder["hawq/packages"]);
        using var kernel = new KernelProcess(new Dictionary<string, string> { ["XDG_DATA_HOME"] = folder.Path });
        kernel.Run("var survivor = 11;");
        var request = kernel.Execute("#r \"nuget:Given.Library, 1.2.3\"");
        kernel.Receive(KernelChannel.Iopub, message => message.Type == "execute_input");
        Thread.Sleep(500); // it waits
        kernel.Interrupt();
        kernel.Finish(request).Reply["ename"]!.GetValue<string>().ShouldBe("Interrupted");
        kernel.Run("survivor").News[^1].Content["data"]!["text/plain"]!.GetValue<string>().ShouldBe("11");
    }

    private static FileStream Held(string cache)
    {
        var folder = Directory.CreateDirectory(Path.Combine(cache, Package)).FullName;
        return FileLock.Take(Path.Combine(folder, "lock"), CancellationToken.None);
    }
}
