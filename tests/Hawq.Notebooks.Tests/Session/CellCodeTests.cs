namespace Hawq.Notebooks.Tests.Session;

public class CellCodeTests
{
    [Fact]
    public void References_stand_first_and_all_lines_keep_their_numbers()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.dll"], "");
        var code = Prepared("var x = 1;\n  #r \"a.dll\"\nx", folder.Path).Parts.ShouldHaveSingleItem().Code;
        code.ShouldBe($"#line 2\n#r \"{folder["a.dll"]}\"\n#line 1\nvar x = 1;\n\nx");
    }

    [Fact]
    public void A_cell_without_directives_stays_as_it_is()
    {
        var cell = Prepared("var x = 1;\n// # of things\nx", ".");
        cell.Parts.ShouldBe([new CellPart("var x = 1;\n// # of things\nx", "cell 5")]);
        cell.IsTimed.ShouldBeFalse();
    }

    [Theory]
    [InlineData("var text = \"\"\"\n#!time\n#r \"nuget:No.Such\"\n# Heading\n\"\"\";")]
    [InlineData("var text = @\"\n#!sql\n\";")]
    [InlineData("#if NEVER\n#r \"nowhere.dll\"\n#endif\nvar x = 1;")]
    [InlineData("#pragma warning disable CS0168\nint x;\n#nullable enable")]
    public void A_line_of_a_text_and_the_compilers_own_directives_are_left_alone(string source)
    {
        var cell = Prepared(source, ".");
        cell.Parts.ShouldHaveSingleItem().Code.ShouldBe(source);
        cell.IsTimed.ShouldBeFalse();
    }

    [Fact]
    public void Imported_cells_are_parts_between_what_stands_around()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["lib"]);
        HawqProgram.Notebook(folder["lib/b.ipynb"], "#!time\nint b = 1;", "", "b");
        HawqProgram.Notebook(folder["c.ipynb"], "#!import lib/b.ipynb\nint c = 1;");
        var cell = Prepared("#!csharp\nint a = 1;\n#!import lib/b.ipynb\n#!import \"c.ipynb\"\na", folder.Path);
        cell.Parts.ShouldBe(
        [
            new CellPart("\nint a = 1;", "cell 5"),
            new CellPart("\nint b = 1;", "b.ipynb, cell 1"), new CellPart("b", "b.ipynb, cell 3"),
            new CellPart("\nint b = 1;", "b.ipynb, cell 1"), new CellPart("b", "b.ipynb, cell 3"), new CellPart("\nint c = 1;", "c.ipynb, cell 1"),
            new CellPart("\n\n\n\na", "cell 5"),
        ]);
        cell.IsTimed.ShouldBeFalse();
    }

    [Fact]
    public void A_cell_that_only_imports_has_no_value_of_its_own()
    {
        using var folder = new TemporaryFolder();
        HawqProgram.Notebook(folder["b.ipynb"], "42");
        File.WriteAllText(folder["c.csx"], "int c;");
        Prepared("#!import b.ipynb\n#!import c.csx", folder.Path).Parts
            .ShouldBe([new CellPart("42", "b.ipynb, cell 1"), new CellPart($"#load \"{folder["c.csx"]}\"", "cell 5"), new CellPart("\n\n", "cell 5")]);
    }

    /// <summary>The id of a package is no path, though a file lies there.</summary>
    [Fact]
    public void A_package_is_not_looked_for_outside_the_folders_that_carry_packages()
    {
        var engine = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        var id = $"../{Path.GetFileName(engine)}/hawq";
        File.Exists(Path.Combine(engine, id + ".dll")).ShouldBeTrue();
        Should.Throw<NotebookException>(() => Prepared($"#r \"nuget:{id}\"", ".")).Message.ShouldBe(
            $"line 1: #r \"nuget:{id}\": expected a package id and a version of letters, digits, dots and hyphens. Correct them.");
    }

    [Theory]
    [InlineData("2.0", "2.0.0", true)]
    [InlineData("2.0.0-BETA", "2.0.0-beta", true)]
    [InlineData("2.0.1", "2.0.0", false)]
    [InlineData("2.0.0-beta", "2.0.0", false)]
    public void Versions_are_the_same_however_many_zeros_they_have(string one, string other, bool same) => CarriedVersion.AreSame(one, other).ShouldBe(same);

    private static CellCode Prepared(string source, string folder) => CellCode.Prepare(source, "cell 5", folder, new PackageRestore());
}
