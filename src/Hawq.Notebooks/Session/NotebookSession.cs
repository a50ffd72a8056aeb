using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
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
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        AppDomain.CurrentDomain.AssemblyLoad += (_, loaded) => Initialize(loaded.LoadedAssembly);
        Console.SetOut(TextWriter.Synchronized(new CellWriter("stdout", Console.Out)));
        Console.SetError(TextWriter.Synchronized(new CellWriter("stderr", Console.Error)));
    }

    /// <summary>Runs a cell.</summary>
    /// <param name="source">Its code.</param>
    /// <param name="name">What it is called in errors, e.g. "cell 5".</param>
    /// <param name="output">Where its outputs go.</param>
    /// <param name="interruption">Through which it can be stopped; <see langword="null"/> where nobody will.</param>
    /// <returns>Whether it ran to its end.</returns>
    public async Task<bool> Run(string source, string name, ICellOutput output, CellInterruption? interruption = null)
    {
        (Host.Current, Host.Interruption) = (output, interruption);
        try
        {
            var clock = Stopwatch.StartNew();
            var (code, timed) = CellCode.Prepare(source, _folder, _packages);
            var script = Continue(code, name);
            Compile(script); // before the guard: a compiler ended half-way could not be used again
            var end = interruption is null ? await Evaluate(script).ConfigureAwait(false) : await interruption.Guard(() => Evaluate(script)).ConfigureAwait(false);
            _state = end.State;
            if (end.Error is { } thrown)
            {
                ExceptionDispatchInfo.Throw(thrown);
            }

            if (end.Contents is { } contents)
            {
                output.Result(contents);
            }

            if (timed)
            {
                output.Stream("stdout", string.Create(CultureInfo.InvariantCulture, $"Wall time: {clock.Elapsed.TotalMilliseconds:F1} ms\n"));
            }

            return true;
        }
        catch (Exception error)
        {
            Fail(error, output, interruption);
            return false;
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
        _state = (await Evaluate(Continue("1+1", "start")).ConfigureAwait(false)).State;
        await Evaluate(Continue("var start = 1; start + 1", "start")).ConfigureAwait(false);
        GC.Collect();
    }

    /// <summary>A script that sees all that earlier cells declared; it is not run.</summary>
    /// <param name="code">Its code, without the notebook's own directives.</param>
    /// <param name="name">What it is called in errors.</param>
    public Script<object> Continue(string code, string name)
    {
        if (_state is null)
        {
            return CSharpScript.Create<object>(code, _options.WithFilePath(name));
        }

        // References and imports of the first cell hold for all; given again, Roslyn would keep another set of symbols for each cell.
        return _state.Script.ContinueWith<object>(code, _options.WithReferences(Array.Empty<MetadataReference>()).WithImports().WithFilePath(name));
    }

    /// <summary>How cells are compiled: C# 14, with the usings of .NET Interactive, and paths from the notebook's folder.</summary>
    internal static ScriptOptions OptionsFor(string folder) => ScriptOptions.Default
        .WithLanguageVersion(LanguageVersion.CSharp14)
        .WithMetadataResolver(ScriptMetadataResolver.Default.WithBaseDirectory(folder))
        .WithSourceResolver(ScriptSourceResolver.Default.WithBaseDirectory(folder))
        .WithReferences(Basics())
        .WithImports([.. Imports, "Hawq.Notebooks.NotebookVerbs"])
        .WithEmitDebugInformation(true)
        .WithFileEncoding(System.Text.Encoding.UTF8);

    private static void Compile(Script<object> script)
    {
        var errors = script.Compile().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).ToImmutableArray();
        if (errors.Length > 0)
        {
            throw new CompilationErrorException(errors[0].ToString(), errors);
        }
    }

    /// <summary>Runs a script and formats its value. What it declared before an exception stays declared.</summary>
    private async Task<(ScriptState<object> State, IReadOnlyDictionary<string, string>? Contents, Exception? Error)> Evaluate(Script<object> script)
    {
        // No ConfigureAwait(false): the context of an interruptible cell must see the formatting too.
        var state = _state is null ? await script.RunAsync(null, _ => true) : await script.RunFromAsync(_state, _ => true);
        try
        {
            return (state, state.ReturnValue is { } value ? MimeBundle.Of(value) : null, state.Exception);
        }
        catch (Exception error)
        {
            return (state, null, error);
        }
    }

    private static void Fail(Exception error, ICellOutput output, CellInterruption? interruption)
    {
        if (error is CompilationErrorException { Diagnostics: var found })
        {
            output.Error("CompilationError", found[0].ToString(), [.. found.Select(d => d.ToString())]);
        }
        else if (error is OperationCanceledException && interruption is { IsAsked: true })
        {
            output.Error("Interrupted", "the cell was interrupted", ["Interrupted: the cell was interrupted; what earlier cells declared is still there."]);
        }
        else
        {
            output.Error(error.GetType().Name, error.Message, CellErrors.Traceback(error));
        }
    }

    /// <summary>A library that a cell references may prepare the process before its first use, as the kit does for libtorch.</summary>
    private static void Initialize(Assembly assembly)
    {
        if (!assembly.IsDynamic && assembly.GetName().Name == "Hawq.Kit")
        {
            RuntimeHelpers.RunModuleConstructor(assembly.ManifestModule.ModuleHandle);
        }
    }

    private static IEnumerable<Assembly> Basics() =>
    [
        typeof(object).Assembly, typeof(Enumerable).Assembly, typeof(Console).Assembly, typeof(List<>).Assembly, typeof(NotebookVerbs).Assembly,
        typeof(Microsoft.AspNetCore.Html.IHtmlContent).Assembly, typeof(System.Net.Http.HttpClient).Assembly, typeof(Stopwatch).Assembly,
        typeof(Microsoft.DotNet.Interactive.Formatting.Formatter).Assembly, // loaded here, so that a notebook's set-up can register formatters
        Assembly.Load("System.Runtime"), Assembly.Load("netstandard"), Assembly.Load("System.Collections"), Assembly.Load("System.Linq.Expressions"),
    ];
}
