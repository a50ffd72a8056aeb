namespace Hawq.Kit.Tests.Display;

public class NotebookHostTests
{
    /// <summary>Hosts are called by reflection, which would wrap it.</summary>
    [Fact]
    public void What_a_host_throws_comes_through_as_it_was_thrown()
    {
        Should.Throw<InvalidOperationException>(() => new LiveDisplay(new BrokenDisplay("no room")).Update("chart")).Message.ShouldBe("no room for chart");
        NotebookHost.Call(null, null, 1).ShouldBeNull();
    }

    /// <summary>What .NET Interactive's handle looks like.</summary>
    private sealed class BrokenDisplay(string reason)
    {
        public void Update(object value) => throw new InvalidOperationException($"{reason} for {value}");
    }
}
