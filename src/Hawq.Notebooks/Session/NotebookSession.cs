using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.ExceptionServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;

namespace Hawq.Notebooks;

/// <summary>Runs C# cells one after the other; each sees what the earlier ones declared. Runner and kernel share it.</summary>
internal sealed class NotebookSession
{
    private static readonly string[] Imports =
        ["System", "System.Text", "System.Collections", "System.Collections.Generic", "System.Threading.Tasks", "System.Linq", "Hawq.Notebooks"];

    private readonly string _folder;
    private readonly ScriptOptions _options;
    private readonly PackageRestore _packages = new();
    private ScriptState<object>? _state;

    /// <summary>Makes a session whose relative paths start in a folder.</summary>
    /// <param name="folder">The notebook's folder.</param>
    public NotebookSession(string folder)
    {
        _folder = Path.GetFullPath(folder);
        _options = OptionsFor(_folder);
    }

    /// <summary>Runs a cell.</summary>
    /// <param name="source">Its code.</param>
    /// <param name="name">What it is called in errors, e.g. "cell 5".</param>
    /// <param name="output">Where its outputs go.</param>
    /// <param name="interruption">Through which it can be stopped; <see langword="null"/> where nobody will.</param>
    /// <returns>Why it did not run to its end; <see langword="null"/> if it did.</returns>
    public async Task<CellFailure?> Run(string source, string name, ICellOutput output, CellInterruption? interruption = null)
    {
        (Host.Current, Host.Interruption) = (output, interruption);
        try
        {
            var clock = Stopwatch.StartNew();
            var cell = CellCode.Prepare(source, name, _folder, _packages);
            foreach (var note in cell.Notes)
            {
                output.Stream("stderr", note + "\n");
            }

            var scripts = Compiled(cell.Parts); // before the guard: a compiler ended half-way could not be used again
            var end = interruption is null ? await Evaluate(scripts).ConfigureAwait(false) : await interruption.Guard(() => Evaluate(scripts)).ConfigureAwait(false);
            _state = end.State;
            if (end.Error is { } thrown)
            {
                ExceptionDispatchInfo.Throw(thrown);
            }

            if (end.Contents is { } contents)
            {
                output.Result(contents);
            }

            if (cell.IsTimed)
            {
                output.Stream("stdout", string.Create(CultureInfo.InvariantCulture, $"Wall time: {clock.Elapsed.TotalMilliseconds:F1} ms\n"));
            }

            return null;
        }
        catch (Exception error)
        {
            var failure = Failure(error, interruption);
            output.Error(failure);
            return failure;
        }
        finally
        {
            (Host.Current, Host.Interruption) = (null, null);
        }
    }

    /// <summary>Loads compiler and formatters by a first cell of its own, so that the user's first ones do not wait for them.</summary>
    /// <remarks>
    /// A second one, whose state is given up, takes the ways of later cells. What all this made stays for good; collected here, it does
    /// not hold up a cell that happens to be the next collection's.
    /// </remarks>
    public async Task Prepare()
    {
        _state = (await Evaluate([Continue("1+1", "start")]).ConfigureAwait(false)).State;
        await Evaluate([Continue("var start = 1; start + 1", "start")]).ConfigureAwait(false);
        GC.Collect();
    }

    /// <summary>A script that sees all that earlier cells declared; it is not run.</summary>
    /// <param name="code">Its code, without the notebook's own directives.</param>
    /// <param name="name">What it is called in errors.</param>
    public Script<object> Continue(string code, string name) => Continue(_state?.Script, code, name);

    /// <summary>How cells are compiled: C# 14, with the usings of .NET Interactive, and paths from the notebook's folder.</summary>
    internal static ScriptOptions OptionsFor(string folder) => ScriptOptions.Default
        .WithLanguageVersion(LanguageVersion.CSharp14)
        .WithMetadataResolver(ScriptMetadataResolver.Default.WithBaseDirectory(folder))
        .WithSourceResolver(ScriptSourceResolver.Default.WithBaseDirectory(folder))
        .WithReferences(Basics())
        .WithImports([.. Imports, "Hawq.Notebooks.NotebookVerbs"])
        .WithEmitDebugInformation(true)
        .WithFileEncoding(System.Text.Encoding.UTF8);

    private Script<object> Continue(Script? before, string code, string name)
    {
        if (before is null)
        {
            return CSharpScript.Create<object>(code, _options.WithFilePath(name));
        }

        // References and imports of the first cell hold for all; given again, Roslyn would keep another set of symbols for each cell.
        return before.ContinueWith<object>(code, _options.WithReferences(Array.Empty<MetadataReference>()).WithImports().WithFilePath(name));
    }

    /// <summary>All parts of a cell, so that none runs where one is wrong.</summary>
    private List<Script<object>> Compiled(IReadOnlyList<CellPart> parts)
    {
        var scripts = new List<Script<object>>();
        foreach (var part in parts)
        {
            var script = Continue(scripts.LastOrDefault() ?? _state?.Script, part.Code, part.Name);
            var errors = script.Compile().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).ToImmutableArray();
            if (errors.Length > 0)
            {
                throw new CompilationErrorException(errors[0].ToString(), errors);
            }

            scripts.Add(script);
        }

        return scripts;
    }

    /// <summary>Runs scripts up to the first that throws, and formats the last one's value. What was declared before an exception stays declared.</summary>
    private async Task<(ScriptState<object> State, IReadOnlyDictionary<string, string>? Contents, Exception? Error)> Evaluate(IReadOnlyList<Script<object>> scripts)
    {
        var state = _state;
        foreach (var script in scripts)
        {
            // No ConfigureAwait(false): the context of an interruptible cell must see the formatting too.
            state = state is null ? await script.RunAsync(null, _ => true) : await script.RunFromAsync(state, _ => true);
            if (state.Exception is { } thrown)
            {
                return (state, null, thrown);
            }
        }

        try
        {
            return (state!, state!.ReturnValue is { } value ? MimeBundle.Of(value) : null, null);
        }
        catch (Exception error)
        {
            return (state!, null, error);
        }
    }

    private static CellFailure Failure(Exception error, CellInterruption? interruption) => interruption is { IsAsked: true } && IsCancellation(error)
        ? new("Interrupted", "the cell was interrupted", ["Interrupted: the cell was interrupted; what earlier cells declared is still there."])
        : CellFailure.Of(error);

    /// <summary>Reflection wraps what was thrown, and a parallel loop the exceptions of all its threads.</summary>
    private static bool IsCancellation(Exception error) => error is AggregateException many
        ? many.Flatten().InnerExceptions.All(IsCancellation)
        : error.GetBaseException() is OperationCanceledException;

    private static IEnumerable<Assembly> Basics() =>
    [
        typeof(object).Assembly, typeof(Enumerable).Assembly, typeof(Console).Assembly, typeof(List<>).Assembly, typeof(NotebookVerbs).Assembly,
        typeof(Microsoft.AspNetCore.Html.IHtmlContent).Assembly, typeof(System.Net.Http.HttpClient).Assembly, typeof(Stopwatch).Assembly,
        typeof(Microsoft.DotNet.Interactive.Formatting.Formatter).Assembly, // loaded here, so that a notebook's set-up can register formatters
        Assembly.Load("System.Runtime"), Assembly.Load("netstandard"), Assembly.Load("System.Collections"), Assembly.Load("System.Linq.Expressions"),
    ];
}
