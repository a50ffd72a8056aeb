using System.Globalization;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Xunit.Abstractions;

namespace Hawq.Notebooks.Tests.Kernel;

/// <summary>A session of a thousand cells grows by what Roslyn keeps of each submission, and by no more.</summary>
[Collection(nameof(AloneCollection))]
[Trait("Category", "Slow")]
public class KernelMemoryTests(ITestOutputHelper output)
{
    private const int WarmUp = 50;
    private const int Cells = 1000;

    [Fact]
    public async Task A_thousand_cells_leave_what_Roslyn_keeps_and_no_more()
    {
        var kernel = KernelGrowth();
        var roslyn = await RoslynGrowthAsync();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"managed bytes a cell after collection: kernel {kernel:F0}, Roslyn alone {roslyn:F0}"));
        kernel.ShouldBeLessThan(1.5 * roslyn);
    }

    private static string Cell(int k) => $"var v{k} = {k}; v{k} + 1";

    private static double KernelGrowth()
    {
        using var kernel = new KernelProcess();
        Run(0, WarmUp);
        var before = Heap();
        Run(WarmUp, Cells);
        return (Heap() - before) / Cells;

        void Run(int first, int count)
        {
            for (var k = first; k < first + count; k++)
            {
                kernel.Run(Cell(k)).Reply["status"]!.GetValue<string>().ShouldBe("ok");
            }
        }

        double Heap()
        {
            var news = kernel.Run("GC.Collect(); GC.WaitForPendingFinalizers(); GC.GetTotalMemory(true)").News;
            var text = news.Single(message => message.Type == "execute_result").Content["data"]!["text/plain"]!.GetValue<string>();
            return double.Parse(text, CultureInfo.InvariantCulture);
        }
    }

    /// <summary>The same cells as submissions of one script, compiled with the same options, with nothing of ours around them.</summary>
    private static async Task<double> RoslynGrowthAsync()
    {
        var state = await CSharpScript.RunAsync("1", NotebookSession.OptionsFor(AppContext.BaseDirectory));
        await Run(0, WarmUp);
        var before = Heap();
        await Run(WarmUp, Cells);
        var after = Heap();
        GC.KeepAlive(state);
        return (after - before) / Cells;

        async Task Run(int first, int count)
        {
            for (var k = first; k < first + count; k++)
            {
                state = await state.ContinueWithAsync(Cell(k));
            }
        }

        static double Heap()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return GC.GetTotalMemory(forceFullCollection: true);
        }
    }
}
