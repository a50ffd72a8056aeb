using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
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
    private ScriptState<object>? _state;

    /// <summary>Makes a session whose relative paths start in a folder.</summary>
    /// <param name="folder">The notebook's folder.</param>
    public NotebookSession(string folder)
    {
        _folder = Path.GetFullPath(folder);
        _options = ScriptOptions.Default
            .WithLanguageVersion(LanguageVersion.CSharp14)
            .WithMetadataResolver(ScriptMetadataResolver.Default.WithBaseDirectory(_folder))
            .WithSourceResolver(ScriptSourceResolver.Default.WithBaseDirectory(_folder))
            .WithReferences(Basics())
            .WithImports([.. Imports, "Hawq.Notebooks.NotebookVerbs"])
            .WithEmitDebugInformation(true)
            .WithFileEncoding(System.Text.Encoding.UTF8);
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        AppDomain.CurrentDomain.AssemblyLoad += (_, loaded) => Initialize(loaded.LoadedAssembly);
        Console.SetOut(TextWriter.Synchronized(new CellWriter("stdout", Console.Out)));
        Console.SetError(TextWriter.Synchronized(new CellWriter("stderr", Console.Error)));
    }

    /// <summary>Runs a cell.</summary>
    /// <param name="source">Its code.</param>
    /// <param name="name">What it is called in errors, e.g. "cell 5".</param>
    /// <param name="output">Where its outputs go.</param>
    /// <returns>Whether it ran to its end.</returns>
    public async Task<bool> Run(string source, string name, ICellOutput output)
    {
        Host.Current = output;
        try
        {
            var clock = Stopwatch.StartNew();
            var (code, timed) = CellCode.Prepare(source, _folder);
            var options = _options.WithFilePath(name);
            _state = _state is null
                ? await CSharpScript.RunAsync<object>(code, options).ConfigureAwait(false)
                : await _state.ContinueWithAsync<object>(code, options).ConfigureAwait(false);
            if (_state.ReturnValue is { } value)
            {
                output.Result(MimeBundle.Of(value));
            }

            if (timed)
            {
                output.Stream("stdout", string.Create(CultureInfo.InvariantCulture, $"Wall time: {clock.Elapsed.TotalMilliseconds:F1} ms\n"));
            }

            return true;
        }
        catch (CompilationErrorException error)
        {
            output.Error("CompilationError", error.Diagnostics[0].ToString(), [.. error.Diagnostics.Select(d => d.ToString())]);
        }
        catch (Exception error)
        {
            output.Error(error.GetType().Name, error.Message, CellErrors.Traceback(error));
        }
        finally
        {
            Host.Current = null;
        }

        return false;
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
