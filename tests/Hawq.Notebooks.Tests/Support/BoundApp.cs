using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Hawq.Notebooks.Tests;

/// <summary>A file-based app as its compiler sees it: with the usings that an SDK project has, the framework, and the kit with all that it brings.</summary>
internal static class BoundApp
{
    private static readonly CSharpParseOptions Options = new(LanguageVersion.CSharp14);

    private static readonly SyntaxTree Usings = CSharpSyntaxTree.ParseText(
        string.Concat(new[] { "System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Threading", "System.Threading.Tasks" }.Select(name => $"global using {name};")),
        Options);

    private static readonly Lazy<IReadOnlyList<MetadataReference>> References = new(() => [.. Libraries().Select(path => MetadataReference.CreateFromFile(path))]);

    /// <summary>The errors of an app; none if it compiles.</summary>
    /// <param name="code">Its code, with the lines that are for the SDK alone.</param>
    public static IReadOnlyList<string> Errors(string code)
    {
        var program = string.Join('\n', code.ReplaceLineEndings("\n").Split('\n').Where(line => !line.StartsWith("#:", StringComparison.Ordinal)));
        var compilation = CSharpCompilation.Create(
            "app",
            [CSharpSyntaxTree.ParseText(program, Options), Usings],
            References.Value,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));
        return [.. compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Select(diagnostic => diagnostic.ToString())];
    }

    /// <summary>The kit has FSharp.Core from whoever loads it, so it does not lie beside it.</summary>
    private static IEnumerable<string> Libraries()
    {
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Where(path => Path.GetDirectoryName(path) == framework);
        var kit = File.Exists(BuiltKit.Path) ? Directory.EnumerateFiles(Path.GetDirectoryName(BuiltKit.Path)!, "*.dll") : [];
        return [.. platform, .. kit, Path.Combine(AppContext.BaseDirectory, "FSharp.Core.dll")];
    }
}
