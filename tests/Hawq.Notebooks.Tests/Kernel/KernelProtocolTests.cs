using System.Text.Json.Nodes;

namespace Hawq.Notebooks.Tests.Kernel;

/// <summary>Talks to a kernel in a process of its own, as a front end does.</summary>
public sealed class KernelProtocolTests(KernelProcess kernel) : IClassFixture<KernelProcess>
{
    [Fact]
    public void It_says_what_it_is_and_beats()
    {
        var reply = kernel.Ask("kernel_info_request", []);
        reply["protocol_version"]!.GetValue<string>().ShouldBe("5.3");
        reply["language_info"]!["name"]!.GetValue<string>().ShouldBe("C#");
        kernel.Echo("ping").ShouldBe("ping");
        kernel.Ask("comm_info_request", [])["comms"]!.AsObject().ShouldBeEmpty();
        kernel.Ask("some_request", [])["status"]!.GetValue<string>().ShouldBe("error");
    }

    [Fact]
    public void A_cell_is_announced_run_and_counted()
    {
        var (before, _) = kernel.Run("0");
        var (reply, news) = kernel.Run("1+1");
        news.Select(message => message.Type).ShouldBe(["status", "execute_input", "execute_result"]);
        news[^1].Content["data"]!["text/plain"]!.GetValue<string>().ShouldBe("2");
        var count = before["execution_count"]!.GetValue<int>() + 1;
        reply["execution_count"]!.GetValue<int>().ShouldBe(count);
        (reply, news) = kernel.Finish(kernel.Execute("40+2", silent: true));
        news.Select(message => message.Type).ShouldBe(["status"]);
        reply["execution_count"]!.GetValue<int>().ShouldBe(count);
    }

    [Fact]
    public void Streams_arrive_in_order()
    {
        var (_, news) = kernel.Run("Console.Write(\"a\"); Console.WriteLine(\"b\"); Console.Error.Write(\"c\"); Console.Write(\"d\");");
        news.Where(message => message.Type == "stream").Select(message => (message.Text("name"), message.Text("text")))
            .ShouldBe([("stdout", "ab\n"), ("stderr", "c"), ("stdout", "d")]);
    }

    [Fact]
    public void A_display_is_updated_in_place()
    {
        var (_, news) = kernel.Run("var shown = display(\"one\"); shown.Update(\"two\");");
        var parts = news.Skip(2).Select(message => (message.Type, message.Content["data"]!["text/plain"]!.GetValue<string>()));
        parts.ShouldBe([("display_data", "one"), ("update_display_data", "two")]);
        var ids = news.Skip(2).Select(message => message.Content["transient"]!["display_id"]!.GetValue<string>());
        ids.Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public void An_error_names_the_line_and_aborts_what_waits_but_keeps_what_was_declared()
    {
        var first = kernel.Execute("int kept = 5;\nSystem.Threading.Thread.Sleep(500);\nthrow new InvalidOperationException(\"no\");");
        var second = kernel.Execute("1");
        var (reply, news) = kernel.Finish(first);
        reply["ename"]!.GetValue<string>().ShouldBe("InvalidOperationException");
        reply["traceback"]!.AsArray().Last()!.GetValue<string>().ShouldEndWith(":line 3");
        news[^1].Type.ShouldBe("error");
        kernel.Finish(second).Reply["status"]!.GetValue<string>().ShouldBe("aborted");
        kernel.Run("kept").News[^1].Content["data"]!["text/plain"]!.GetValue<string>().ShouldBe("5");
        kernel.Run("int x = ;").Reply["ename"]!.GetValue<string>().ShouldBe("CompilationError");
    }

    [Fact]
    public void Questions_about_the_language_are_answered()
    {
        kernel.Run("var number = 3;");
        var completion = kernel.Ask("complete_request", new JsonObject { ["code"] = "numb", ["cursor_pos"] = 4 });
        completion["matches"]!.AsArray().Select(match => match!.GetValue<string>()).ShouldContain("number");
        kernel.Ask("inspect_request", new JsonObject { ["code"] = "number", ["cursor_pos"] = 2, ["detail_level"] = 0 })["data"]!["text/plain"]!.GetValue<string>().ShouldBe("int number");
        kernel.Ask("is_complete_request", new JsonObject { ["code"] = "if (true) {" })["status"]!.GetValue<string>().ShouldBe("incomplete");
        var history = kernel.Ask("history_request", new JsonObject { ["hist_access_type"] = "tail", ["n"] = 1, ["output"] = false });
        history["history"]!.AsArray().Single()![2]!.GetValue<string>().ShouldBe("var number = 3;");
    }

    [Fact]
    public void A_cell_can_ask_the_user()
    {
        var request = kernel.Execute("Console.ReadLine()");
        var question = kernel.Receive(KernelChannel.Stdin, message => message.Type == "input_request");
        kernel.Send("input_reply", new JsonObject { ["value"] = "Ada" }, KernelChannel.Stdin, parent: question);
        kernel.Finish(request).News[^1].Content["data"]!["text/plain"]!.GetValue<string>().ShouldBe("Ada");
    }

    /// <summary>What <c>hawq run</c> tells its cells is not meant for a kernel that one of them starts.</summary>
    [Fact]
    public void A_kernel_that_a_cell_starts_shows_charts_in_full()
    {
        using var own = new KernelProcess(new Dictionary<string, string> { ["HAWQ_HEADLESS"] = "1" });
        own.Run("Environment.GetEnvironmentVariable(\"HAWQ_HEADLESS\") is null").News[^1].Content["data"]!["text/plain"]!.GetValue<string>().ShouldBe("True");
    }

    [Fact]
    public void A_wrong_signature_is_dropped_and_a_shutdown_ends_the_process()
    {
        using var own = new KernelProcess();
        own.Send("shutdown_request", new JsonObject { ["restart"] = false }, KernelChannel.Control, key: "wrong");
        own.HasExited(TimeSpan.FromSeconds(0.5)).ShouldBeFalse();
        own.Execute("while (true) { }");
        own.Ask("shutdown_request", new JsonObject { ["restart"] = false }, KernelChannel.Control)["status"]!.GetValue<string>().ShouldBe("ok");
        own.HasExited(TimeSpan.FromSeconds(10)).ShouldBeTrue();
    }
}
