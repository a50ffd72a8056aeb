using Microsoft.Data.Analysis;

namespace Hawq.Kit;

/// <summary>Columns of a table.</summary>
internal static class Columns
{
    public static StringDataFrameColumn Texts(string name, IEnumerable<string> values) => new(name, values);

    public static DoubleDataFrameColumn Numbers(string name, IEnumerable<double> values) => new(name, values);
}
