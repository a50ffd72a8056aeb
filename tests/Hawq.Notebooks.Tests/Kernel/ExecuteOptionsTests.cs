using System.Text.Json.Nodes;

namespace Hawq.Notebooks.Tests.Kernel;

/// <summary>What a front end may ask for with a cell, and of the cells that ran.</summary>
public sealed class ExecuteOptionsTests(KernelProcess kernel) : IClassFixture<KernelProcess>
{
    [Fact]
    public void Cells_that_wait_behind_a_failed_one_run_where_the_front_end_says_so()
    {
        var first = kernel.ExecuteWithout("stop_on_error", "System.Threading.Thread.Sleep(300);\nthrow new Exception(\"go on\");");
        var second = kernel.Execute("1");
        kernel.Finish(first).Reply["status"]!.GetValue<string>().ShouldBe("error");
        kernel.Finish(second).Reply["status"]!.GetValue<string>().ShouldBe("ok");
    }

    [Fact]
    public void A_cell_without_history_shows_its_value_and_is_not_counted()
    {
        var count = kernel.Run("0").Reply["execution_count"]!.GetValue<int>();
        var (reply, news) = kernel.Finish(kernel.ExecuteWithout("store_history", "int kept = 7; await Task.Delay(1); kept"));
        KernelProcess.Value(news).ShouldBe("7");
        reply["execution_count"]!.GetValue<int>().ShouldBe(count);
        kernel.Run("kept").Reply["execution_count"]!.GetValue<int>().ShouldBe(count + 1);
        History("tail", new JsonObject { ["n"] = 2 }).ShouldBe(["0", "kept"]);
    }

    [Fact]
    public void History_is_searched_by_a_pattern()
    {
        kernel.Run("var searched = 1;");
        kernel.Run("searched + 1");
        kernel.Run("searched + 1");
        History("search", new JsonObject { ["pattern"] = "var search*" }).ShouldBe(["var searched = 1;"]);
        History("search", new JsonObject { ["pattern"] = "*searched +*" }).Count.ShouldBe(2);
        History("search", new JsonObject { ["pattern"] = "*searched +*", ["unique"] = true }).ShouldHaveSingleItem();
        History("search", new JsonObject { ["pattern"] = "nothing like it" }).ShouldBeEmpty();
    }

    [Fact]
    public void A_cell_that_asks_where_nobody_answers_fails_and_says_what_to_do()
    {
        var reply = kernel.Finish(kernel.ExecuteWithout("allow_stdin", "Console.ReadLine()")).Reply;
        reply["status"]!.GetValue<string>().ShouldBe("error");
        reply["evalue"]!.GetValue<string>().ShouldContain("allow_stdin is false");
        kernel.Value("1 + 1").ShouldBe("2");
    }

    [Fact]
    public void The_time_of_a_cell_is_shown_where_it_asks_for_it()
    {
        var news = kernel.Run("#!time\n2 + 3").News;
        KernelProcess.Value(news).ShouldBe("5");
        news[^1].Text("text").ShouldMatch(@"^Wall time: \d+\.\d ms\n$");
    }

    private List<string> History(string kind, JsonObject options)
    {
        var content = new JsonObject { ["hist_access_type"] = kind, ["output"] = false };
        foreach (var (name, value) in options)
        {
            content[name] = value?.DeepClone();
        }

        return [.. kernel.Ask("history_request", content)["history"]!.AsArray().Select(entry => entry![2]!.GetValue<string>())];
    }
}
