namespace Hawq.Notebooks.Tests.Running;

public class ParameterTests
{
    [Fact]
    public void Parameters_replace_the_declared_values_and_outputs_are_written()
    {
        using var folder = new TemporaryFolder();
        var path = HawqProgram.Notebook(
            folder["a.ipynb"], "int n = 1; string? text = null;\nvar small = 0.1f;\ndecimal money = 1m;", "FormattableString.Invariant($\"{n} {text} {small} {money}\")");
        string[] given = ["-p", "n=5", "-p", "text=it's \"so\"", "-p", "small=0.25", "-p", "money=2.50"];
        var (code, text) = HawqProgram.Run(["run", path, "-o", folder["out.ipynb"], .. given]);
        code.ShouldBe(0, text);
        NotebookFile.Read(folder["out.ipynb"]).Cells[2].Outputs[0]!["data"]!["text/plain"]![0]!.GetValue<string>().ShouldBe("5 it's \"so\" 0.25 2.50");
        HawqProgram.Outputs(path, 1).ShouldBe("[]");
    }

    [Theory]
    [InlineData("n=five", "n")]
    [InlineData("n=5000000000", "n")]
    [InlineData("rate=0,1", "rate")]
    [InlineData("rate=NaN", "rate")]
    [InlineData("m=5", "m")]
    public void Wrong_parameters_are_refused_before_anything_runs(string parameter, string named)
    {
        using var folder = new TemporaryFolder();
        var path = HawqProgram.Notebook(folder["a.ipynb"], "int n = 1;\ndouble rate = 0.5;", "System.IO.File.WriteAllText(\"ran\", \"\");");
        var (code, text) = HawqProgram.Run("run", path, "-p", parameter);
        code.ShouldBe(ExitCodes.BadInput);
        text.ShouldContain(named);
        File.Exists(folder["ran"]).ShouldBeFalse();
    }

    [Theory]
    [InlineData("string? data = null;", "string")]
    [InlineData("var data = @\"C:\\data\";", "string")]
    [InlineData("var data = $\"{1}\";", "string")]
    [InlineData("bool data = true;", "bool")]
    [InlineData("int data = 1 + 2;", "int")]
    [InlineData("var data = -3;", "int")]
    [InlineData("var data = -2147483648;", "int")]
    [InlineData("var data = -3000000000;", "long")]
    [InlineData("var data = 1L;", "long")]
    [InlineData("var data = 0.1f;", "float")]
    [InlineData("var data = -1e3;", "double")]
    [InlineData("decimal data = 1;", "decimal")]
    [InlineData("int? data = null;", "int")]
    [InlineData("int other = 1; double data = 2;", "double")]
    [InlineData("long other = 1, data = 2;", "long")]
    [InlineData("/* int data = 1; */ var data = 1.5m;", "decimal")]
    [InlineData("var data = new[] { 1 };", null)]
    [InlineData("var data = 3000000000;", null)] // a uint
    [InlineData("List<int> data = [1];", null)]
    [InlineData("const int data = 1;", null)]
    public void The_type_of_a_parameter_is_that_of_its_declaration(string source, string? type) =>
        DeclaredParameter.In(source).Single(parameter => parameter.Name == "data").Type.ShouldBe(type);

    [Fact]
    public void What_is_no_variable_of_the_cell_is_no_parameter() =>
        DeclaredParameter.In("int F() { int inner = 1; return inner; }\nvar text = \"int quoted = 1;\";").Select(parameter => parameter.Name).ShouldBe(["text"]);

    [Theory]
    [InlineData("xs=1", "parameter xs is declared by var xs = new[] {1}; -p sets variables of string, bool, int, long, float, double, decimal. Declare it as one of these.")]
    [InlineData("fixed=1", "expected name=value with a name of xs, most.")]
    [InlineData("most=2", "parameter most is declared by const int most = 1;")]
    public void What_cannot_be_set_is_told_with_what_can(string given, string said)
    {
        using var folder = new TemporaryFolder();
        var notebook = NotebookFile.Read(HawqProgram.Notebook(folder["a.ipynb"], "var xs = new[] {1};\nconst int most = 1;"));
        Should.Throw<NotebookException>(() => Parameters.Inject(notebook, [given])).Message.ShouldContain(said);
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(5, true)]
    public void The_cell_that_sets_them_has_an_id_where_the_format_knows_ids(int minor, bool hasId)
    {
        using var folder = new TemporaryFolder();
        var notebook = NotebookFile.Read(HawqProgram.Notebook(folder["a.ipynb"], minor, NotebookCell.Code("int n = 1;", Parameters.Tag)));
        Parameters.Inject(notebook, ["n=2"]);
        var cell = notebook.Cells[1];
        cell.Source.ShouldBe("n = 2;");
        cell.Json.ContainsKey("id").ShouldBe(hasId);
    }
}
