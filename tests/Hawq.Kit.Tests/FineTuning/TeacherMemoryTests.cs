using static Hawq.Kit.Tests.TinyFineTuning;
using static TorchSharp.torch;

namespace Hawq.Kit.Tests.FineTuning;

public class TeacherMemoryTests
{
    [Theory]
    [InlineData(64, 1)]
    [InlineData(100, 2)] // the last part is smaller
    public void It_answers_as_the_network_and_each_batch_once(int pictures, int parts)
    {
        using var scope = NewDisposeScope();
        using var network = new CifarResNet(8, seed: 1);
        network.eval();
        var batch = Given.Pictures.Take(pictures).Batches(pictures).First();
        var expected = network.call(batch.Inputs).detach();
        using var memory = new TeacherMemory(network);
        network.parameters().First().detach().fill_(0); // the memory has a copy
        var answer = memory.Answer(batch.Inputs);
        answer.shape.ShouldBe([pictures, 10]);
        answer.allclose(expected, 1e-4, 1e-4).ShouldBeTrue();
        memory.Answer(batch.Inputs.clone()).equal(answer).all().item<bool>().ShouldBeTrue();
        (memory.Count, memory.PartsAsked).ShouldBe((1, parts));
        memory.Answer(batch.Inputs.flip(3));
        (memory.Count, memory.PartsAsked).ShouldBe((2, 2 * parts));
        Given.ShouldLeaveNoTensor(() => memory.Answer(batch.Inputs).Dispose());
    }

    [Fact]
    public void Beyond_its_bytes_it_answers_and_keeps_no_more()
    {
        using var scope = NewDisposeScope();
        using var network = new CifarResNet(8, seed: 1);
        var batch = Few.Batches(32).First();
        using var full = new TeacherMemory(network, mostBytes: 1); // full with the first answer
        using var roomy = new TeacherMemory(network);
        full.Answer(batch.Inputs);
        var other = batch.Inputs.flip(3);
        full.Answer(other).equal(roomy.Answer(other)).all().item<bool>().ShouldBeTrue();
        full.Answer(other);
        full.Answer(batch.Inputs);
        (full.Count, full.PartsAsked).ShouldBe((1, 3));
    }

    [Fact]
    public void Trainings_side_by_side_answer_for_each_other_and_end_where_they_end_without_a_memory()
    {
        using var network = new CifarResNet(8, seed: 1);
        using var memory = new TeacherMemory(network);
        var recipe = Recipe(network);
        var tuned = SideBySide.Run([3, 3], (seed, stop) => Tuned(recipe.WithDistillation(memory: memory), seed, stop), atOnce: 2);
        (memory.Count, memory.PartsAsked).ShouldBe((5, 5)); // one batch in each of five epochs
        var later = SideBySide.Run([true, false], (has, stop) => Tuned(recipe.WithDistillation(memory: has ? memory : null), 3, stop), atOnce: 2);
        memory.PartsAsked.ShouldBe(5);
        using var scope = NewDisposeScope();
        var expected = tuned[0].state_dict();
        foreach (var other in new[] { tuned[1], later[0], later[1] })
        {
            other.state_dict().ShouldAllBe(pair => pair.Value.equal(expected[pair.Key]).all().item<bool>());
        }

        new[] { tuned[0], tuned[1], later[0], later[1] }.ToList().ForEach(one => one.Dispose());

        static Network Tuned(BlockwiseFineTuning recipe, long seed, CancellationToken stop) => recipe.Run(Few, Few, seed, cancellation: stop).Network;
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
        using var memory = new TeacherMemory(network);
        Should.Throw<Exception>(() => memory.Answer(randn(4, 5, 32, 32)));
        memory.Count.ShouldBe(0);
    }

    [Fact]
    public void The_memory_of_another_network_is_refused()
    {
        using var network = new CifarResNet(8, seed: 1);
        using var other = new CifarResNet(8, seed: 2);
        using var memory = new TeacherMemory(other);
        Should.Throw<ArgumentException>(() => Recipe(network).WithDistillation(memory: memory)).Message.ShouldContain("new TeacherMemory(network)");
    }
}
