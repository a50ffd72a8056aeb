using System.Diagnostics;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Hawq.Notebooks;

/// <summary>Live bars, one a display that a cell updates; drawn at most four times a second.</summary>
internal sealed class TerminalBars
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.25);
    private static readonly TimeSpan Closing = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<string, ProgressTask> _bars = [];
    private readonly Dictionary<int, string> _rests = []; // by task: the library keeps numbers with a task, no text
    private readonly ProgressContext _context;
    private readonly Task _drawing;
    private long _drawn;

    /// <summary>Starts to draw.</summary>
    /// <param name="terminal">A terminal that can move its cursor.</param>
    public TerminalBars(TextWriter terminal)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(terminal),
            Ansi = AnsiSupport.Yes, // the cells' console stands in front of the terminal, and hides it from detection
            Interactive = InteractionSupport.Yes,
        });
        var started = new TaskCompletionSource<ProgressContext>(TaskCreationOptions.RunContinuationsAsynchronously);
        var progress = console.Progress().AutoRefresh(false).AutoClear(false)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ShareColumn(new ProgressBarColumn { Width = 20 }), new ShareColumn(new PercentageColumn()), new RestColumn(_rests));
        _drawing = progress.StartAsync(context =>
        {
            started.SetResult(context);
            return _ended.Task;
        });
        Task.WhenAny(started.Task, _drawing).Unwrap().GetAwaiter().GetResult(); // throws where the terminal could not even be prepared
        _context = started.Task.GetAwaiter().GetResult();
    }

    public void Show(DisplayUpdate update)
    {
        var (title, percent, rest) = update.Parts();
        var name = string.IsNullOrWhiteSpace(title) ? "…" : Markup.Escape(title); // the library refuses an empty one
        if (!_bars.TryGetValue(update.Id, out var bar))
        {
            _bars[update.Id] = bar = _context.AddTask(name);
        }

        bar.Description = name;
        bar.IsIndeterminate = percent is null;
        bar.Value = percent ?? 0;
        _rests[bar.Id] = rest;
        if (Stopwatch.GetElapsedTime(_drawn) > Pause || percent >= 100)
        {
            _drawn = Stopwatch.GetTimestamp();
            _context.Refresh();
        }
    }

    /// <summary>Draws the last state, which stays.</summary>
    public void End()
    {
        try
        {
            _context.Refresh();
        }
        finally
        {
            _ended.TrySetResult();
        }

        _drawing.Wait(Closing);
    }

    /// <summary>A column of the library's, blank for what has no share.</summary>
    private sealed class ShareColumn(ProgressColumn column) : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            task.IsIndeterminate ? Text.Empty : column.Render(options, task, deltaTime);

        public override int? GetColumnWidth(RenderOptions options) => column.GetColumnWidth(options);
    }

    /// <summary>What is done now, its rate and the time left, as the notebook says them.</summary>
    private sealed class RestColumn(IReadOnlyDictionary<int, string> rests) : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(rests.GetValueOrDefault(task.Id, "")) { Overflow = Overflow.Ellipsis };
    }
}
