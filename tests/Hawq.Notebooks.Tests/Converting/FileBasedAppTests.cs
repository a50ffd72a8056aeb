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
            "delegate int Step(int x);\nStep step = Twice;\n// why it is shown\nstep(1)",
            "foreach (var x in xs) { System.Console.WriteLine(x); }");
        var code = FileBasedApp.Of(NotebookFile.Read(path), folder["notebooks"]).ReplaceLineEndings("\n");
        code.ShouldContain("#:project ../src/Some.Kit/Some.Kit.csproj\n");
        code.ShouldContain("#:package Other@1.2.3\n");
        code.ShouldContain("display(Twice(xs.Sum()));");
        code.ShouldContain("// why it is shown\ndisplay(step(1));");
        var types = code[code.IndexOf("static void display", StringComparison.Ordinal)..];
        types.ShouldContain("record Point");
        types.ShouldContain("delegate int Step");
        BoundApp.Errors(code).ShouldBeEmpty(code);
    }

    [Fact]
    public void The_compilers_own_directives_and_texts_that_look_like_directives_are_no_hindrance()
    {
        using var folder = new TemporaryFolder();
        var path = HawqProgram.Notebook(
            folder["a.ipynb"],
            "#nullable enable\n#pragma warning disable CS0219\nusing System.Linq;\n#region numbers\nrecord Pair(int A, int B);\n#endregion\nvar unused = 1;\n#pragma warning restore CS0219",
            "var text = \"\"\"\n# Heading\n#!sql\n\"\"\";\n#if NEVER\nthis is no code\n#else\ntext.Length\n#endif");
        var code = FileBasedApp.Of(NotebookFile.Read(path), folder.Path).ReplaceLineEndings("\n");
        code.ShouldContain("\n# Heading\n#!sql\n");
        code.ShouldNotContain("no code");
        BoundApp.Errors(code).ShouldBeEmpty(code);
    }

    [Theory]
    [InlineData("#!sql")]
    [InlineData("#load \"x.csx\"")]
    [InlineData("#!import x.ipynb")]
    [InlineData("#i \"nuget:https://example.org\"")]
    [InlineData("#r \"nowhere.dll\"")]
    public void What_an_app_cannot_have_is_named(string line)
    {
        using var folder = new TemporaryFolder();
        var path = HawqProgram.Notebook(folder["a.ipynb"], "int n = 1;", line);
        var message = Should.Throw<NotebookException>(() => FileBasedApp.Of(NotebookFile.Read(path), folder.Path)).Message;
        message.ShouldContain("cell 2");
        message.ShouldContain(line.Split('"').Last(part => part.Length > 0));
    }

    [Fact]
    public void A_property_has_no_place_among_statements()
    {
        using var folder = new TemporaryFolder();
        var path = HawqProgram.Notebook(folder["a.ipynb"], "int N => 1;");
        Should.Throw<NotebookException>(() => FileBasedApp.Of(NotebookFile.Read(path), folder.Path)).Message.ShouldContain("cell 1: \"int N => 1;\" has no place");
    }

    [Fact]
    public void A_cell_of_another_language_is_refused()
    {
        using var folder = new TemporaryFolder();
        var python = NotebookCell.Code("print(n)", "code");
        python["metadata"]!["polyglot_notebook"]!["kernelName"] = "python";
        var path = HawqProgram.Notebook(folder["a.ipynb"], 5, NotebookCell.Code("int n = 1;", "code"), python);
        Should.Throw<NotebookException>(() => FileBasedApp.Of(NotebookFile.Read(path), folder.Path)).Message.ShouldContain("cell 2 (print(n)): its language is python");
    }

    [Theory]
    [InlineData("var sharp = 1;", "var sharp = 2;", "cell 2 declares sharp, as cell 1 does; an app has one scope. Rename one.")]
    [InlineData("int H = 1;", "using (var H = new System.IO.MemoryStream()) { }", "cell 2 declares H, as cell 1 does")]
    [InlineData("for (var k = 0; k < 3; k++) { }", "int k = 1;", "cell 2 declares k, as cell 1 does")]
    [InlineData("int k = 1; foreach (var k in new[] { 1 }) { }", "", "cell 1 declares k twice")]
    [InlineData("int Of(int x) => x;", "string Of(string x) => x;", "cell 2 declares Of, as cell 1 does")]
    [InlineData("var (a, b) = (1, 2);", "if (b is var a) { }", "cell 2 declares a, as cell 1 does")]
    [InlineData("record Row(int X);", "record Row(int Y);", "cell 2 declares Row, as cell 1 does")]
    [InlineData("try { } catch (Exception e) { }", "var e = 1;", "cell 2 declares e, as cell 1 does")]
    public void A_name_that_two_cells_declare_is_refused(string first, string second, string said)
    {
        using var folder = new TemporaryFolder();
        var path = HawqProgram.Notebook(folder["a.ipynb"], first, second);
        Should.Throw<NotebookException>(() => FileBasedApp.Of(NotebookFile.Read(path), folder.Path)).Message.ShouldContain(said);
    }

    /// <summary>As the compiler does.</summary>
    [Fact]
    public void Functions_lambdas_types_and_separate_blocks_may_have_any_name()
    {
        using var folder = new TemporaryFolder();
        var path = HawqProgram.Notebook(
            folder["a.ipynb"],
            "int x = 1; int y = 2;\nint F(int x) { var y = x; foreach (var z in new[] { 1 }) y += z; return y; }",
            "Func<int, int> g = x => { var y = x; return y; };\nrecord R(int x, int y);",
            "for (var k = 0; k < 2; k++) { var part = k; }\nforeach (var k in new[] { 1 }) { var part = k; }",
            "(1, 2) switch { (1, var q) => q, (var q, _) => q }");
        var code = FileBasedApp.Of(NotebookFile.Read(path), folder.Path);
        BoundApp.Errors(code).ShouldBeEmpty(code);
    }
}
