using System.Text.Json.Nodes;

namespace Hawq.Notebooks.Tests.Kernel;

public class KernelSpecTests
{
    [Theory]
    [InlineData("hawq-csharp")]
    [InlineData(".net-csharp")]
    public void An_installed_kernel_starts_this_program(string name)
    {
        using var folder = new TemporaryFolder();
        var target = KernelSpec.Install(folder.Path, name, replace: false);
        target.ShouldBe(folder[name]);
        var spec = JsonNode.Parse(File.ReadAllText(Path.Combine(target, "kernel.json")))!;
        var start = spec["argv"]!.AsArray().Select(part => part!.GetValue<string>()).ToList();
        start.TakeLast(4).ShouldBe(["kernel", "start", "--connection-file", "{connection_file}"]);
        start.SkipLast(4).ShouldAllBe(part => File.Exists(part));
        spec["display_name"]!.GetValue<string>().ShouldBe("C# (Hawq.Kit)");
        spec["language"]!.GetValue<string>().ShouldBe("C#");
        spec["interrupt_mode"]!.GetValue<string>().ShouldBe("message");
        spec["env"]!["DOTNET_TieredCompilation"]!.GetValue<string>().ShouldBe("0");
        KernelSpec.Installed([folder.Path, folder["none"]]).ShouldBe([target]);
        KernelSpec.Install(folder.Path, name, replace: false).ShouldBe(target);
        KernelSpec.Uninstall(folder.Path, name);
        Directory.GetFileSystemEntries(folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public void Another_programs_kernel_is_kept()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder[".net-csharp"]);
        var path = Path.Combine(folder[".net-csharp"], "kernel.json");
        File.WriteAllText(path, """{"argv": ["dotnet", "interactive"]}""");
        KernelSpec.Installed([folder.Path]).ShouldBeEmpty();
        Should.Throw<NotebookException>(() => KernelSpec.Install(folder.Path, ".net-csharp", replace: false)).Message.ShouldContain("--replace");
        Should.Throw<NotebookException>(() => KernelSpec.Uninstall(folder.Path, ".net-csharp")).Message.ShouldContain("another program's");
        File.ReadAllText(path).ShouldContain("interactive");
        KernelSpec.Install(folder.Path, ".net-csharp", replace: true);
        File.ReadAllText(path).ShouldContain("kernel");
    }

    [Theory]
    [InlineData("../up")]
    [InlineData("..")]
    [InlineData("a b")]
    [InlineData("")]
    public void A_name_is_no_path(string name) =>
        Should.Throw<NotebookException>(() => KernelSpec.Install("unused", name, replace: false)).Message.ShouldContain($"received the kernel name \"{name}\"");

    [Fact]
    public void A_kernel_goes_to_one_place()
    {
        using var folder = new TemporaryFolder();
        var (code, text) = HawqProgram.Run("kernel", "install", "--user", "--prefix", folder.Path);
        code.ShouldBe(ExitCodes.BadInput, text);
        text.ShouldContain($"Received --user and --prefix {folder.Path}; expected one of them");
        Directory.GetFileSystemEntries(folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public void Folders_are_those_of_Jupyter()
    {
        // as `jupyter --paths` and jupyter_core.paths say
        var kept = Environment.GetEnvironmentVariable("JUPYTER_DATA_DIR");
        try
        {
            Environment.SetEnvironmentVariable("JUPYTER_DATA_DIR", "/given");
            KernelFolders.Of(null).ShouldBe("/given/kernels");
            KernelFolders.Of("/env").ShouldBe("/env/share/jupyter/kernels");
            KernelFolders.All().ShouldContain("/usr/local/share/jupyter/kernels");
        }
        finally
        {
            Environment.SetEnvironmentVariable("JUPYTER_DATA_DIR", kept);
        }
    }
}
