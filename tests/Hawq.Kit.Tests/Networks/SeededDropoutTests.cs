using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Networks;

public class SeededDropoutTests
{
    /// <summary>So a training that goes on at an epoch drops what it would have dropped.</summary>
    [Fact]
    public void An_epoch_draws_the_same_wherever_it_begins()
    {
        using var scope = NewDisposeScope();
        using var dropout = new SeededDropout(0.5, seed: 3);
        var (first, second) = (Of(1), Of(2));
        second.ShouldNotBe(first);
        using var fresh = new SeededDropout(0.5, seed: 3);
        fresh.Begin(7, 2);
        fresh.call(ones(64)).data<float>().ToArray().ShouldBe(second);

        float[] Of(int epoch)
        {
            dropout.Begin(7, epoch);
            return dropout.call(ones(64)).data<float>().ToArray();
        }
    }
}
