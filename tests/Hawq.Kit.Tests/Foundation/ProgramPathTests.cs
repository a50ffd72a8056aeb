namespace Hawq.Kit.Tests.Foundation;

public class ProgramPathTests
{
    [Fact]
    public void A_program_is_looked_for_in_the_folders_of_PATH_in_their_order()
    {
        using var folder = new TemporaryFolder();
        foreach (var name in new[] { "second", "third" })
        {
            Directory.CreateDirectory(folder[name]);
            File.WriteAllText(folder[$"{name}/npm"], "");
        }

        Find(folder["first"], folder["second"], folder["third"]).ShouldBe(folder["second/npm"]);
        Find(folder["third"], folder["second"]).ShouldBe(folder["third/npm"]);
        Find(folder["first"]).ShouldBeNull();
        File.Exists(ProgramPath.Find("sh")).ShouldBeTrue();
    }

    /// <summary>What lies there came with the notebook.</summary>
    [Fact]
    public void The_current_folder_and_those_that_depend_on_it_are_passed_over()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["npm"], "");
        var before = Environment.CurrentDirectory;
        try
        {
            Environment.CurrentDirectory = folder.Path;
            File.Exists("npm").ShouldBeTrue();
            Find("", ".", "../" + Path.GetFileName(folder.Path)).ShouldBeNull();
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
    }

    private static string? Find(params string[] folders) => ProgramPath.Find("npm", string.Join(Path.PathSeparator, folders));
}
