using System.Text.RegularExpressions;

namespace Hawq.Kit.Tests;

/// <summary>The folders of the library are layers: code names only types of its own folder and of those below it.</summary>
public partial class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> Below = new()
    {
        ["Foundation"] = [],
        ["Numerics"] = ["Foundation"],
        ["Kernels"] = ["Foundation"],
        ["Networks"] = ["Foundation", "Kernels"],
        ["Data"] = ["Foundation"],
        ["Risk"] = ["Foundation", "Networks", "Data"],
        ["Curvature"] = ["Foundation", "Numerics", "Networks", "Data", "Risk"],
        ["Quantization"] = ["Foundation", "Kernels", "Networks", "Data", "Risk"],
        ["Export"] = ["Foundation", "Networks", "Quantization"],
        ["Allocation"] = ["Foundation", "Numerics", "Networks", "Data", "Risk", "Curvature", "Quantization"],
        ["FineTuning"] = ["Foundation", "Networks", "Data", "Risk", "Quantization", "Allocation"],
        ["Studies"] = ["Foundation", "Numerics", "Networks", "Data", "Risk", "Curvature", "Quantization", "Allocation", "FineTuning"],
    };

    [Fact]
    public void Arrows_point_down()
    {
        var files = Sources();
        var homes = files.SelectMany(file => TypePattern().Matches(file.Code).Select(match => (match.Groups["name"].Value, file.Layer)))
            .GroupBy(pair => pair.Value).ToDictionary(group => group.Key, group => group.Select(pair => pair.Layer).ToHashSet());
        homes.Count.ShouldBeGreaterThan(80);
        var wrong =
            from file in files
            where Below.ContainsKey(file.Layer)
            from word in WordPattern().Matches(file.Code).Select(match => match.Value).Distinct()
            where homes.TryGetValue(word, out var layers) && !layers.Contains(file.Layer) && !layers.Overlaps(Below[file.Layer])
            select $"{file.Layer}/{file.Name} names {word} of {string.Join(", ", homes[word])}";
        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void Every_folder_is_a_layer() =>
        Sources().Select(file => file.Layer).Distinct().Order().ShouldBe(Below.Keys.Append("Display").Order());

    [Fact]
    public void Files_are_short() =>
        Sources().Where(file => file.Lines > 200).Select(file => $"{file.Name}: {file.Lines} lines").ShouldBeEmpty();

    /// <summary>Sources without comments and texts; the notebook's helpers stand in the folder that shows results.</summary>
    private static List<(string Layer, string Name, string Code, int Lines)> Sources()
    {
        var library = Path.Combine(Given.Root, "src", "Hawq.Kit");
        return [.. Directory.EnumerateDirectories(library).SelectMany(folder => Directory.EnumerateFiles(folder, "*.cs")).Select(path =>
            (Path.GetFileName(Path.GetDirectoryName(path)!), Path.GetFileName(path),
                SilentPattern().Replace(File.ReadAllText(path), " "), File.ReadLines(path).Count()))];
    }

    [GeneratedRegex(@"(?m)//.*$|""(?:\\.|[^""\\\n])*""")]
    private static partial Regex SilentPattern();

    [GeneratedRegex("""(?m)^(?:public|internal) .*?\b(?:class|record struct|record|struct|enum|interface)\s+(?<name>[A-Z]\w+)""")]
    private static partial Regex TypePattern();

    [GeneratedRegex("""(?<!\.)\b(?:(?<=new )[A-Z]\w+|[A-Z]\w+\b(?!\())""")]
    private static partial Regex WordPattern();
}
