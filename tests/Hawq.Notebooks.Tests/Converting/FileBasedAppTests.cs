using Microsoft.CodeAnalysis.CSharp;

namespace Hawq.Notebooks.Tests.Converting;

public class FileBasedAppTests
{
    [Fact]
    public void Cells_become_one_program()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["src/Some.Kit"]);
        Directory.CreateDirectory(folder["notebooks"]);
        File.WriteAllText(folder["src/Some.Kit/Some.Kit.csproj"], "<Project/>");
        var path = HawqProgram.Notebook(
            folder["notebooks/a.ipynb"],
            "#r \"../dist/Some.Kit.dll\"\n#r \"nuget:Other, 1.2.3\"\nusing System.Linq;\nvar xs = new[] { 1, 2 };",
            "record Point(int X);\nint Twice(int x) => 2 * x;\nTwice(xs.Sum())",
            "foreach (var x in xs) { System.Console.WriteLine(x); }");
        var code = FileBasedApp.Of(NotebookFile.Read(path), folder["notebooks"]).ReplaceLineEndings("\n");
        code.ShouldContain("#:project ../src/Some.Kit/Some.Kit.csproj\n");
        code.ShouldContain("#:package Other@1.2.3\n");
        code.ShouldContain("display(Twice(xs.Sum()));");
        code.IndexOf("record Point", StringComparison.Ordinal).ShouldBeGreaterThan(code.IndexOf("static void display", StringComparison.Ordinal));
        var program = string.Join('\n', code.Split('\n').Where(line => !line.StartsWith("#:", StringComparison.Ordinal)));
        CSharpSyntaxTree.ParseText(program, new CSharpParseOptions(LanguageVersion.CSharp14)).GetDiagnostics().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("#!sql")]
    [InlineData("#load \"x.csx\"")]
    [InlineData("#r \"nowhere.dll\"")]
    public void What_an_app_cannot_have_is_named(string line)
    {
        using var folder = new TemporaryFolder();
        var path = HawqProgram.Notebook(folder["a.ipynb"], "int n = 1;", line);
        Should.Throw<NotebookException>(() => FileBasedApp.Of(NotebookFile.Read(path), folder.Path)).Message.ShouldContain(line.Split('"').Last(part => part.Length > 0));
    }
}
