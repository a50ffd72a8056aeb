using System.Globalization;
using System.Reflection;
using Microsoft.Data.Analysis;
using Plotly.NET;
using TorchSharp;

namespace Hawq.Kit;

/// <summary>What a notebook does first, and how it shows things in mid-cell.</summary>
public static class Notebook
{
    private static bool IsHeadless => Environment.GetEnvironmentVariable("HAWQ_HEADLESS") == "1";

    /// <summary>
    /// Prepares the notebook: numbers in invariant culture, charts and tables as HTML with plain text beside it, and plotly.js
    /// once in this cell's output, so that charts are interactive without a network. The headless runner leaves plotly.js out.
    /// </summary>
    /// <returns>A line that says what runs here; let it be the cell's output.</returns>
    public static NotebookSetup Setup()
    {
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        Register<GenericChart>(ChartHtml.Of, ChartHtml.Summary);
        Register<DataFrame>(TableText.Html, TableText.Plain);
        Register<NotebookSetup>(setup => setup.ToHtml(), setup => setup.ToString());
        var device = torch.cuda.is_available() ? "CUDA" : "CPU";
        return new NotebookSetup($"Hawq.Kit {LibraryVersion.Kit} · TorchSharp {LibraryVersion.TorchSharp} · {device}", !IsHeadless);
    }

    /// <summary>Shows a value in mid-cell.</summary>
    /// <param name="value">Any value.</param>
    public static void Show(object value) => NotebookHost.Display(value);

    /// <summary>Shows a value that later ones take the place of, such as a chart that grows; the last one stays in the notebook.</summary>
    /// <param name="value">Any value.</param>
    public static LiveDisplay Live(object value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new LiveDisplay(NotebookHost.Display(value));
    }

    /// <summary>A value as text: tables aligned, charts as a summary of their series, all else by its <c>ToString</c>.</summary>
    /// <param name="value">Any value.</param>
    public static string TextOf(object value) => value switch
    {
        DataFrame frame => TableText.Plain(frame),
        GenericChart chart => ChartHtml.Summary(chart),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    /// <summary>A live bar for long work; its last state stays in the notebook.</summary>
    /// <param name="title">What is done.</param>
    public static ProgressBar Progress(string title) => new(title, TimeProvider.System);

    private static void Register<T>(Func<T, string> html, Func<T, string> plain)
    {
        foreach (var formatter in AppDomain.CurrentDomain.GetAssemblies()
            .Where(assembly => assembly.GetName().Name == "Microsoft.DotNet.Interactive.Formatting")
            .Select(assembly => assembly.GetType("Microsoft.DotNet.Interactive.Formatting.Formatter")))
        {
            var register = formatter?.GetMethod("Register", BindingFlags.Public | BindingFlags.Static, [typeof(Type), typeof(Action<object, TextWriter>), typeof(string)]);
            NotebookHost.Call(register, null, typeof(T), (Action<object, TextWriter>)((value, writer) => writer.Write(html((T)value))), "text/html");
            NotebookHost.Call(register, null, typeof(T), (Action<object, TextWriter>)((value, writer) => writer.Write(plain((T)value))), "text/plain");
        }
    }
}
