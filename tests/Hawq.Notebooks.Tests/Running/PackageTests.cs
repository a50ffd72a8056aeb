using System.IO.Compression;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Hawq.Notebooks.Tests.Running;

/// <summary>Packages restored from a folder alone: no network, and nothing of the user's caches.</summary>
public sealed class PackageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public PackageTests()
    {
        File.WriteAllText(_folder["NuGet.config"], "<configuration><packageSources><clear /></packageSources></configuration>");
        var library = CSharpCompilation.Create(
            "Given.Library",
            [CSharpSyntaxTree.ParseText("namespace Given; public static class Library { public static int Answer => 42; }")],
            [MetadataReference.CreateFromFile(typeof(object).Assembly.Location)],
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        using var package = ZipFile.Open(_folder["Given.Library.1.2.3.nupkg"], ZipArchiveMode.Create);
        using (var nuspec = new StreamWriter(package.CreateEntry("Given.Library.nuspec").Open()))
        {
            nuspec.Write("<package><metadata><id>Given.Library</id><version>1.2.3</version><authors>a</authors><description>d</description></metadata></package>");
        }

        using var assembly = package.CreateEntry("lib/net10.0/Given.Library.dll").Open();
        library.Emit(assembly).Success.ShouldBeTrue();
    }

    [Theory]
    [InlineData("int wrong = \"a\";", "cell 2(5,13)", "CS0029")]
    [InlineData("throw new System.InvalidOperationException(\"so it is\");", "cell 2:line 5", "so it is")]
    public void An_error_below_a_restored_package_names_its_own_line(string code, string place, string said)
    {
        var (exit, text) = Run($"// a comment\n#i \"nuget:{_folder.Path}\"\n#r \"nuget:Given.Library, 1.2.3\"\nSystem.Console.Write(Given.Library.Answer);\n{code}");
        exit.ShouldBe(ExitCodes.CellFailed, text);
        text.ShouldContain("a.ipynb, cell 2");
        text.ShouldContain(place);
        text.ShouldContain(said);
    }

    [Fact]
    public void An_unknown_package_is_said_with_its_line_what_was_expected_and_a_remedy()
    {
        var (exit, text) = Run($"#i \"nuget:{_folder.Path}\"\n#r \"nuget:No.Such.Library, 4.5.6\"");
        exit.ShouldBe(ExitCodes.CellFailed, text);
        text.ShouldContain("line 2: #r \"nuget:No.Such.Library, 4.5.6\" does not resolve: Unable to find package No.Such.Library");
        text.ShouldContain("Expected the id and version");
        text.ShouldContain("#i \"nuget:SOURCE\"");
        text.ShouldNotContain("restored.csproj");
    }

    [Theory]
    [InlineData("#i \"nuget:relative/folder\"", "absolute folder")]
    [InlineData("#r \"nuget:No.Such..Package/../x\"", "line 1: #r \"nuget:No.Such..Package/../x\": expected a package id")]
    public void Package_directives_are_checked(string cell, string said)
    {
        var (exit, text) = Run(cell);
        exit.ShouldBe(ExitCodes.CellFailed, text);
        text.ShouldContain(said);
    }

    [Fact]
    public void A_package_that_the_engine_carries_needs_no_network_and_another_version_of_it_is_told()
    {
        var (exit, text) = Run("var before = 1;\n#r \"nuget:System.CommandLine, 2.0\"\nnew System.CommandLine.RootCommand(\"x\").Name.Length > 0", "--in-place");
        exit.ShouldBe(0, text);
        var outputs = NotebookFile.Read(_folder["a.ipynb"]).Cells[1].Outputs;
        outputs[0]!["name"]!.GetValue<string>().ShouldBe("stderr");
        outputs[0]!["text"]![0]!.GetValue<string>().ShouldMatch(
            """^line 2: #r "nuget:System\.CommandLine, 2\.0": the engine carries System\.CommandLine 3\.\S+, which is used; one process holds one copy\.\n$""");
        outputs[1]!["data"]!["text/plain"]![0]!.GetValue<string>().ShouldBe("True");
    }

    public void Dispose() => _folder.Dispose();

    private (int Code, string Text) Run(string cell, params string[] options)
    {
        var variables = new Dictionary<string, string> { ["XDG_DATA_HOME"] = _folder.Path, ["NUGET_PACKAGES"] = _folder["cache"] };
        return HawqProgram.RunWith(variables, ["run", HawqProgram.Notebook(_folder["a.ipynb"], "int n = 1;", cell), .. options]);
    }
}
