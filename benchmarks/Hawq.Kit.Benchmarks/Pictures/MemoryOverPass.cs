namespace Hawq.Kit.Benchmarks;

/// <summary>Resident memory of the process after each batch of a pass.</summary>
internal sealed class MemoryOverPass
{
    private readonly List<(double Done, double Megabytes)> _samples = [];
    private long _count;

    /// <summary>Mean of the last quarter ÷ mean of the second: 1 where it is flat. The first quarter fills pools.</summary>
    public double Growth => Mean(0.75, 1) / Mean(0.25, 0.5);

    /// <summary>Starts a pass over so many pictures; only the last pass counts.</summary>
    public void Begin(long count)
    {
        _count = count;
        _samples.Clear();
    }

    /// <summary>Looks at the memory after so many pictures.</summary>
    public void Note(long pictures) => _samples.Add(((double)pictures / _count, Environment.WorkingSet / 1e6));

    /// <summary>Mean of each tenth, in MB.</summary>
    public IReadOnlyList<double> ByTenth() => [.. Enumerable.Range(0, 10).Select(k => Math.Round(Mean(k / 10.0, (k + 1) / 10.0), 1))];

    private double Mean(double from, double to) =>
        _samples.Where(sample => sample.Done > from && sample.Done <= to).Select(sample => sample.Megabytes).DefaultIfEmpty(double.NaN).Average();
}
