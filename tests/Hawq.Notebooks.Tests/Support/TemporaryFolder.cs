namespace Hawq.Notebooks.Tests;

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("hawq-notebooks-tests-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>What another process writes into a file, once it has: a file is there before its content is.</summary>
    public string Written(string name)
    {
        var text = "";
        SpinWait.SpinUntil(() => File.Exists(this[name]) && (text = File.ReadAllText(this[name]).Trim()).Length > 0, TimeSpan.FromMinutes(2)).ShouldBeTrue(name);
        return text;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
