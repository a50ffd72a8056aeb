using TorchSharp;

namespace Hawq.Kit.Tests.Foundation;

public class NativeRuntimeTests
{
    private static readonly byte[] Library = [1, 2, 3];

    [Fact]
    public void Torch_computes_on_this_machine()
    {
        System.Runtime.CompilerServices.RuntimeHelpers.RunModuleConstructor(typeof(ElfVersionNeeds).Module.ModuleHandle);
        using var sum = torch.ones(3, 4).sum();
        sum.item<float>().ShouldBe(12f);
    }

    [Fact]
    public void A_changed_library_takes_the_place_of_the_old_one()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["x.so"], [9]);
        NativeRuntime.LoadChanged(folder["x.so"], Library, path =>
        {
            path.ShouldBe(folder["x.so"]);
            return 5;
        }).ShouldBe<nint>(5);
        File.ReadAllBytes(folder["x.so"]).ShouldBe(Library);
        Directory.GetFileSystemEntries(folder.Path).ShouldBe([folder["x.so"]]);
    }

    /// <summary>The folder is a file, in which not even root can write another.</summary>
    [Fact]
    public void Where_its_folder_cannot_be_written_it_is_loaded_from_one_that_does_not_stay()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["file"], [9]);
        var loaded = "";
        NativeRuntime.LoadChanged(folder["file/x.so"], Library, path =>
        {
            loaded = path;
            File.ReadAllBytes(path).ShouldBe(Library);
            return 5;
        }).ShouldBe<nint>(5);
        Path.GetFileName(loaded).ShouldBe("x.so");
        Directory.Exists(Path.GetDirectoryName(loaded)).ShouldBeFalse();
        File.ReadAllBytes(folder["file"]).ShouldBe([9]);
    }
}
