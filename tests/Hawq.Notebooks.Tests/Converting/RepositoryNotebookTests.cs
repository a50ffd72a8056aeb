namespace Hawq.Notebooks.Tests.Converting;

/// <summary>The notebooks of this repository as apps.</summary>
public class RepositoryNotebookTests
{
    public static TheoryData<string> Notebooks => [.. Directory.EnumerateFiles(BuiltKit.Notebooks, "*.ipynb").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Notebooks))]
    public void It_becomes_a_program_that_compiles(string notebook)
    {
        File.Exists(BuiltKit.Path).ShouldBeTrue($"{BuiltKit.Path} is missing; build src/Hawq.Kit");
        BoundApp.Errors(FileBasedApp.Of(NotebookFile.Read(Path.Combine(BuiltKit.Notebooks, notebook)), BuiltKit.Notebooks)).ShouldBeEmpty();
    }
}
