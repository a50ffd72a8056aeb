namespace Hawq.Notebooks.Tests.Checking;

/// <summary><c>hawq check</c> as a user, or CI, calls it.</summary>
public sealed class CheckCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_folder_of_tidy_notebooks_passes()
    {
        Notebook("a.ipynb", isExecuted: true);
        Notebook("b.ipynb", isExecuted: true);
        Directory.CreateDirectory(_folder["below"]);
        Notebook("below/not-looked-at.ipynb", isExecuted: false);
        var (code, text) = HawqProgram.Run("check", _folder.Path);
        code.ShouldBe(ExitCodes.Success, text);
        text.ShouldContain("2 notebooks, 0 findings");
    }

    [Fact]
    public void A_finding_is_told_with_its_notebook_and_cell()
    {
        var path = Notebook("a.ipynb", isExecuted: false);
        var (code, text) = HawqProgram.Run("check", path, Notebook("b.ipynb", isExecuted: true));
        code.ShouldBe(ExitCodes.CellFailed, text);
        text.ShouldContain($"{path}, cell 1 (var n = 1;): it was not executed");
        text.ShouldContain("2 notebooks, 1 findings");
    }

    [Fact]
    public void A_path_that_is_not_there_is_told()
    {
        var (code, text) = HawqProgram.Run("check", _folder["none.ipynb"]);
        code.ShouldBe(ExitCodes.BadInput, text);
        text.ShouldContain("none.ipynb: no such file");
    }

    public void Dispose() => _folder.Dispose();

    private string Notebook(string name, bool isExecuted)
    {
        var cell = NotebookCell.Code("var n = 1;", "code");
        cell["execution_count"] = isExecuted ? 1 : null;
        return HawqProgram.Notebook(_folder[name], 5, cell);
    }
}
