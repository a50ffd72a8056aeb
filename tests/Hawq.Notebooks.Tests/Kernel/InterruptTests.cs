namespace Hawq.Notebooks.Tests.Kernel;

/// <summary>An interrupt stops a cell that does not end, and what cells before it declared is still there.</summary>
public sealed class InterruptTests(KernelProcess kernel) : IClassFixture<KernelProcess>
{
    [Theory]
    [InlineData("while (true) { }")]
    [InlineData("while (true) System.Threading.Thread.Sleep(100000);")]
    [InlineData("while (true) await Task.Delay(10);")]
    [InlineData("while (true) { Host.Cancellation.ThrowIfCancellationRequested(); System.Threading.Thread.Sleep(1); }")]
    [InlineData("while (true) Console.WriteLine(1);")]
    [InlineData("while (true) display(1);")]
    [InlineData("while (true) { try { while (true) Console.WriteLine(1); } catch (OperationCanceledException) { } }")] // so that it is ended while it prints
    [InlineData("System.Threading.Tasks.Parallel.For(0, 4, _ => { while (true) { Host.Cancellation.ThrowIfCancellationRequested(); Console.WriteLine(1); } });")]
    public void An_endless_cell_is_interrupted_and_the_session_goes_on(string endless)
    {
        kernel.Run("var survivor = 11;");
        var request = kernel.Execute($"Console.WriteLine(\"started\");\n{endless}");
        kernel.Receive(KernelChannel.Iopub, message => message.Type == "stream");
        kernel.Interrupt();
        kernel.Finish(request).Reply["ename"]!.GetValue<string>().ShouldBe("Interrupted");
        kernel.Value("survivor").ShouldBe("11");
        kernel.Run("Console.Write(\"prints\");").News[^1].Text("text").ShouldBe("prints");
    }

    [Fact]
    public void A_cell_that_handles_the_interrupt_can_still_print()
    {
        var request = kernel.Execute("var listens = Host.Cancellation;\ntry { while (true) Console.WriteLine(1); } catch (OperationCanceledException) { Console.WriteLine(); Console.Error.Write(\"tidy\"); }\n6 * 7");
        kernel.Receive(KernelChannel.Iopub, message => message.Type == "stream");
        kernel.Interrupt();
        var (reply, news) = kernel.Finish(request);
        reply["status"]!.GetValue<string>().ShouldBe("ok");
        news.Select(message => message.Text("text")).ShouldContain("tidy");
        KernelProcess.Value(news).ShouldBe("42");
    }

    /// <summary>An exception on such a thread would end the kernel.</summary>
    [Fact]
    public void A_thread_that_a_cell_started_prints_on_and_does_no_harm()
    {
        using var own = new KernelProcess();
        own.Run("var ticking = new System.Threading.Timer(_ => Console.WriteLine(\"tick\"), null, 0, 1);");
        var request = own.Execute("while (true) { }");
        var id = request.Header["msg_id"]!.GetValue<string>();
        own.Receive(KernelChannel.Iopub, message => message.Type == "stream" && message.Parent["msg_id"]?.GetValue<string>() == id);
        own.Interrupt();
        own.Finish(request).Reply["ename"]!.GetValue<string>().ShouldBe("Interrupted");
        own.Value("6 * 7").ShouldBe("42");
    }

    /// <summary>Its code is called from within libtorch, too: to end it there would end the process.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_training_that_shows_no_progress_is_interrupted_and_the_session_goes_on(int times)
    {
        using var own = new KernelProcess();
        own.Run($"#r \"{BuiltKit.Path}\"\nusing Hawq.Kit;\nNotebook.Setup();\nvar survivor = 11;").Reply["status"]!.GetValue<string>().ShouldBe("ok");
        var request = own.Execute($"""
            var pictures = Cifar10.Read("{BuiltKit.Pictures}");
            Console.WriteLine("started");
            NetworkTraining.Of(new CifarResNet(8)).WithEpochs(100000).WithBatchSize(16).Run(pictures, pictures, 1);
            """);
        own.Receive(KernelChannel.Iopub, message => message.Type == "stream");
        Thread.Sleep(1000); // it trains; if not yet, the test is an easier one
        for (var k = 0; k < times; k++)
        {
            own.Interrupt();
        }

        own.Finish(request).Reply["ename"]!.GetValue<string>().ShouldBe("Interrupted");
        own.Value("survivor").ShouldBe("11");
    }
}
