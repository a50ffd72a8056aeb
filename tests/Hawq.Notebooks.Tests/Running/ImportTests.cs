namespace Hawq.Notebooks.Tests.Running;

/// <summary><c>#!import</c> of a notebook in another folder.</summary>
public sealed class ImportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ImportTests() => Directory.CreateDirectory(_folder["lib"]);

    [Fact]
    public void Cells_with_usings_and_values_are_imported_and_the_cell_goes_on_with_what_they_declare()
    {
        HawqProgram.Notebook(_folder["lib/b.ipynb"], "int first = 1;", "using System.Globalization;\nvar second = CultureInfo.InvariantCulture.Name.Length + 41;\nsecond", "#load \"c.csx\"\nint third = FromFile;");
        File.WriteAllText(_folder["lib/c.csx"], "int FromFile = 100;");
        var (code, text, outputs) = Run("int before = 1000;\n#!import lib/b.ipynb\nbefore + first + second + third");
        code.ShouldBe(0, text);
        outputs.ShouldContain("1142");
        outputs.ShouldNotContain("\"41\""); // values of imported cells are not shown
    }

    [Fact]
    public void A_library_is_looked_for_beside_the_notebook_that_names_it()
    {
        File.Copy(typeof(Shouldly.Should).Assembly.Location, _folder["lib/Shouldly.dll"]);
        HawqProgram.Notebook(_folder["lib/b.ipynb"], "int first = 1;", "var x = 1;\n#r \"Shouldly.dll\"\nvar name = typeof(Shouldly.Should).Name;");
        var (code, text, outputs) = Run("#!import lib/b.ipynb\nname");
        code.ShouldBe(0, text);
        outputs.ShouldContain("Should");
    }

    [Theory]
    [InlineData("// a comment\nint wrong = \"a\";", "b.ipynb, cell 2(2,13)")]
    [InlineData("using System.Text;\n\nthrow new InvalidOperationException(\"so it is\");", "b.ipynb, cell 2:line 3")]
    [InlineData("int n = 1;\n#r \"nowhere.dll\"", "b.ipynb, cell 2, line 2: #r \"nowhere.dll\" does not resolve")]
    [InlineData("#!sql", "b.ipynb, cell 2, line 1: unknown directive")]
    public void An_error_in_an_imported_cell_names_its_place_there(string cell, string place)
    {
        HawqProgram.Notebook(_folder["lib/b.ipynb"], "int first = 1;", cell);
        var (code, text, _) = Run("int own = 1;\n\n#!import lib/b.ipynb");
        code.ShouldBe(ExitCodes.CellFailed, text);
        text.ShouldContain(place);
    }

    [Fact]
    public void An_error_below_an_import_names_the_cells_own_line()
    {
        HawqProgram.Notebook(_folder["lib/b.ipynb"], "int first = 1;\n// several\n// lines");
        var (code, text, _) = Run("\n#!import lib/b.ipynb\n\nint wrong = \"a\";");
        code.ShouldBe(ExitCodes.CellFailed, text);
        text.ShouldContain("cell 1(4,13)");
    }

    [Fact]
    public void Cells_of_another_language_are_refused()
    {
        var python = NotebookCell.Code("print(n)", "code");
        python["metadata"]!["polyglot_notebook"]!["kernelName"] = "python";
        HawqProgram.Notebook(_folder["lib/b.ipynb"], 5, NotebookCell.Code("int n = 1;", "code"), python);
        var (code, text, _) = Run("#!import lib/b.ipynb");
        code.ShouldBe(ExitCodes.CellFailed, text);
        text.ShouldContain("line 1: #!import lib/b.ipynb: ");
        text.ShouldContain("b.ipynb, cell 2 (print(n)): its language is python");
    }

    /// <summary>It would end the process by a stack overflow.</summary>
    [Fact]
    public void A_notebook_that_imports_itself_by_way_of_another_is_refused()
    {
        HawqProgram.Notebook(_folder["b.ipynb"], "int fromB = 2;\n#!import a.ipynb");
        var path = HawqProgram.Notebook(_folder["a.ipynb"], "1 + 1", "#!import b.ipynb");
        var (code, text) = HawqProgram.Run("run", path, "--in-place");
        code.ShouldBe(ExitCodes.CellFailed, text);
        text.ShouldContain("b.ipynb imports a.ipynb imports b.ipynb");
        HawqProgram.Outputs(path, 0).ShouldContain("2");
    }

    public void Dispose() => _folder.Dispose();

    private (int Code, string Text, string Outputs) Run(string cell)
    {
        var path = HawqProgram.Notebook(_folder["a.ipynb"], cell);
        var (code, text) = HawqProgram.Run("run", path, "--in-place");
        return (code, text, HawqProgram.Outputs(path, 0));
    }
}
