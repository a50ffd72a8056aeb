namespace Hawq.Notebooks.Tests.Session;

public class EngineDoorTests
{
    [Fact]
    public void It_tells_once_it_is_closed_and_the_last_one_has_left()
    {
        var emptied = 0;
        var door = new EngineDoor(() => emptied++);
        door.Enter();
        door.Enter();
        door.Close();
        Should.Throw<OperationCanceledException>(() => door.Enter());
        door.Leave();
        emptied.ShouldBe(0);
        door.Leave();
        emptied.ShouldBe(1);
    }

    [Fact]
    public void It_tells_at_once_where_nobody_is_inside()
    {
        var emptied = 0;
        var door = new EngineDoor(() => emptied++);
        door.Enter();
        door.Leave();
        emptied.ShouldBe(0);
        door.Close();
        emptied.ShouldBe(1);
    }
}
