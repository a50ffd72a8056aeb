using static TorchSharp.torch;

namespace Hawq.Kit.Tests.FineTuning;

public class DistillationTests
{
    /// <summary>(1 − α) · CE + α · T² · KL(teacher ‖ student), both softened by T, mean over the batch (Hinton et al. 2015), summed by hand in float64.</summary>
    [Theory]
    [InlineData(0.3, 4)]
    [InlineData(0.9, 1)]
    public void The_loss_is_its_formula(double weight, double temperature)
    {
        using var scope = NewDisposeScope();
        using var network = new CifarResNet(8, seed: 1);
        network.eval();
        using var memory = new TeacherMemory(network);
        var batch = Given.Pictures.Take(5).Batches(5).First();
        var logits = randn([5, 10], generator: new Generator(2));
        var labels = nn.functional.cross_entropy(logits, batch.Targets);
        var loss = new Distillation(weight, temperature, memory).Loss(logits, batch.Inputs, labels).item<float>();

        var (student, teacher, divergence) = (Rows(logits), Rows(memory.Answer(batch.Inputs)), 0.0);
        for (var n = 0; n < 5; n++)
        {
            var (p, q) = (Softened(teacher[n], temperature), Softened(student[n], temperature));
            divergence += p.Zip(q, (a, b) => a * Math.Log(a / b)).Sum() / 5;
        }

        var expected = ((1 - weight) * labels.item<float>()) + (weight * temperature * temperature * divergence);
        ((double)loss).ShouldBe(expected, 1e-4 * expected);
        divergence.ShouldBeGreaterThan(0.01);
    }

    [Theory]
    [InlineData(-0.1, 4)]
    [InlineData(double.NaN, 4)]
    [InlineData(0.5, 0)]
    [InlineData(0.5, double.PositiveInfinity)]
    public void A_share_or_temperature_outside_its_range_is_refused(double weight, double temperature)
    {
        using var network = new CifarResNet(8, seed: 1);
        Should.Throw<ArgumentOutOfRangeException>(() => TinyFineTuning.Recipe(network).WithDistillation(weight, temperature)).Message.ShouldStartWith("Expected");
    }

    private static double[] Softened(float[] logits, double temperature)
    {
        var powers = logits.Select(x => Math.Exp(x / temperature)).ToArray();
        return [.. powers.Select(power => power / powers.Sum())];
    }

    private static float[][] Rows(Tensor logits) => [.. logits.data<float>().ToArray().Chunk(10)];
}
