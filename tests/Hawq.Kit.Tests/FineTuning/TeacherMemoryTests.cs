using static Hawq.Kit.Tests.TinyFineTuning;
using static TorchSharp.torch;

namespace Hawq.Kit.Tests.FineTuning;

public class TeacherMemoryTests
{
    [Theory]
    [InlineData(32)]
    [InlineData(50)] // the last part is smaller
    public void It_answers_as_the_network_and_each_batch_once(int pictures)
    {
        using var scope = NewDisposeScope();
        using var network = new CifarResNet(8, seed: 1);
        network.eval();
        var batch = Given.Pictures.Take(pictures).Batches(pictures).First();
        var expected = network.call(batch.Inputs).detach();
        var memory = new TeacherMemory(network);
        network.parameters().First().detach().fill_(0); // the memory has a copy
        var answer = memory.Answer(batch.Inputs);
        answer.shape.ShouldBe([pictures, 10]);
        answer.allclose(expected, 1e-4, 1e-4).ShouldBeTrue();
        memory.Answer(batch.Inputs.clone()).equal(answer).all().item<bool>().ShouldBeTrue();
        memory.Count.ShouldBe(1);
        memory.Answer(batch.Inputs.flip(3));
        memory.Count.ShouldBe(2);
    }

    [Fact]
    public void Beyond_its_bytes_it_answers_and_keeps_nothing()
    {
        using var scope = NewDisposeScope();
        using var network = new CifarResNet(8, seed: 1);
        var batch = Few.Batches(32).First();
        var (none, all) = (new TeacherMemory(network, mostBytes: 0), new TeacherMemory(network));
        none.Answer(batch.Inputs).equal(all.Answer(batch.Inputs)).all().item<bool>().ShouldBeTrue();
        none.Count.ShouldBe(0);
    }

    [Fact]
    public void Trainings_side_by_side_answer_for_each_other()
    {
        using var network = new CifarResNet(8, seed: 1);
        var memory = new TeacherMemory(network);
        var recipe = Recipe(network).WithDistillation(memory: memory);
        var twins = SideBySide.Run([3, 3], (seed, stop) => recipe.Run(Few, Few, seed, cancellation: stop));
        memory.Count.ShouldBe(5); // one batch in each of five epochs
        var later = recipe.Run(Few, Few, 3);
        memory.Count.ShouldBe(5);
        using var scope = NewDisposeScope();
        var expected = twins[0].Network.state_dict();
        twins[1].Network.state_dict().ShouldAllBe(pair => pair.Value.equal(expected[pair.Key]).all().item<bool>());
        later.Epochs[^1].TrainingLoss.ShouldBe(twins[0].Epochs[^1].TrainingLoss, 1e-2); // another number of threads
        new[] { twins[0], twins[1], later }.ToList().ForEach(report => report.Network.Dispose());
    }

    [Fact]
    public void Threads_take_parts_and_wait_for_the_others()
    {
        using var begun = new Barrier(2);
        var answer = new TeacherAnswer(4);
        var computed = new int[4];
        var numbers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            var isFirst = true;
            answer.Complete(part =>
            {
                Interlocked.Increment(ref computed[part]);
                if (isFirst)
                {
                    begun.SignalAndWait(TimeSpan.FromSeconds(60)).ShouldBeTrue();
                }

                isFirst = false;
                return [part, part + 0.5f];
            });
            return answer.Numbers;
        })).ToList().ConvertAll(task => task.Result);
        numbers.ShouldAllBe(all => all.SequenceEqual(new[] { 0, 0.5f, 1, 1.5f, 2, 2.5f, 3, 3.5f }));
        computed.ShouldBe([1, 1, 1, 1]);
    }

    [Fact]
    public void A_failure_reaches_those_who_wait_and_is_not_kept()
    {
        var answer = new TeacherAnswer(1);
        Should.Throw<InvalidDataException>(() => answer.Complete(_ => throw new InvalidDataException()));
        Should.Throw<InvalidDataException>(() => answer.Numbers);
        using var scope = NewDisposeScope();
        using var network = new CifarResNet(8, seed: 1);
        var memory = new TeacherMemory(network);
        Should.Throw<Exception>(() => memory.Answer(randn(4, 5, 32, 32)));
        memory.Count.ShouldBe(0);
    }

    [Fact]
    public void The_memory_of_another_network_is_refused()
    {
        using var network = new CifarResNet(8, seed: 1);
        using var other = new CifarResNet(8, seed: 2);
        Should.Throw<ArgumentException>(() => Recipe(network).WithDistillation(memory: new TeacherMemory(other))).Message.ShouldContain("new TeacherMemory(network)");
    }
}
