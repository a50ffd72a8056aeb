namespace Hawq.Notebooks.Tests.Running;

public class TerminalProgressTests
{
    private const string ShowsCursor = "\e[?25h";

    [Fact]
    public void In_a_terminal_each_display_has_a_bar_and_the_last_state_stays()
    {
        var text = Shown(isLog: false, TimeSpan.Zero, ("1", "Hessian: 40 % (block conv1, 2 blocks/s, 0:00:09 left)"), ("2", "[count] 5\nmore"), ("1", "Hessian: 100 % (done)"));
        var last = text[text.LastIndexOf("Hessian", StringComparison.Ordinal)..];
        text.ShouldContain("2 blocks/s");
        last.ShouldContain("100%");
        last.ShouldContain("done");
        last.ShouldContain("[count] 5");
        last.ShouldNotContain("more");
        text.TrimEnd().ShouldEndWith(ShowsCursor);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[red]no markup[/")]
    [InlineData(": 5 % ()")]
    public void No_text_that_a_cell_shows_can_break_the_bars(string shown) => Shown(isLog: false, TimeSpan.Zero, ("1", shown)).TrimEnd().ShouldEndWith(ShowsCursor);

    [Fact]
    public void In_a_log_lines_come_now_and_then_and_the_last_state_ends_them()
    {
        (string, string)[] updates = [("1", "a: 1 % (x)"), ("1", "a: 2 % (x)"), ("1", "a: 100 % (done)")];
        Shown(isLog: true, TimeSpan.Zero, updates).ShouldBe("      a: 1 % (x)\n      a: 2 % (x)\n      a: 100 % (done)\n");
        Shown(isLog: true, TimeSpan.FromHours(1), updates).ShouldBe("");
    }

    [Fact]
    public void A_cell_that_was_given_up_draws_nothing_more()
    {
        using var terminal = new StringWriter();
        var progress = new TerminalProgress(terminal, isLog: false, TimeSpan.Zero);
        progress.End();
        progress.Report(new DisplayUpdate("1", "a: 1 % (x)"));
        terminal.ToString().ShouldBe("");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_terminal_that_is_gone_fails_no_cell(bool isLog)
    {
        using var terminal = new ClosedTerminal();
        var progress = new TerminalProgress(terminal, isLog, TimeSpan.Zero);
        progress.Report(new DisplayUpdate("1", "a: 1 % (x)"));
        progress.Report(new DisplayUpdate("1", "a: 2 % (x)"));
        progress.End();
    }

    [Fact]
    public void Parts_of_a_bar_are_told_from_other_text()
    {
        new DisplayUpdate("1", "CIFAR-10: test: 7 % (a (b), 1 left)").Parts().ShouldBe(("CIFAR-10: test", 7, "a (b), 1 left"));
        new DisplayUpdate("1", "loss 0.5").Parts().ShouldBe(("loss 0.5", null, ""));
    }

    private static string Shown(bool isLog, TimeSpan pause, params (string Id, string Text)[] updates)
    {
        using var terminal = new StringWriter { NewLine = "\n" };
        var progress = new TerminalProgress(terminal, isLog, pause);
        foreach (var (id, text) in updates)
        {
            progress.Report(new DisplayUpdate(id, text));
        }

        progress.End();
        return terminal.ToString();
    }
}
