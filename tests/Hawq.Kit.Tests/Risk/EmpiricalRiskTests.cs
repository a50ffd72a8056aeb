using System.Security.Cryptography;
using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Risk;

public class EmpiricalRiskTests
{
    [Fact]
    public void A_layer_that_draws_random_numbers_in_evaluation_mode_is_refused()
    {
        using var generator = new Generator(1);
        var model = nn.Sequential(("a", Given.TinyNetwork()), ("noise", new Noise(generator)));
        Should.Throw<InvalidOperationException>(() => HessianAnalysis.Of(model, nn.CrossEntropyLoss(), Given.TinyBatches(5, 6)).WithTrace().Run(1))
            .Message.ShouldStartWith("Two evaluations of the loss gave ");
    }

    [Fact]
    public void A_loss_that_is_not_finite_is_refused()
    {
        var model = Given.TinyNetwork();
        using (no_grad())
        {
            model.get_parameter("b.weight")!.fill_(double.PositiveInfinity);
        }

        Should.Throw<InvalidOperationException>(() => HessianAnalysis.Of(model, nn.CrossEntropyLoss(), Given.TinyBatches(5)).WithTrace().Run(1))
            .Message.ShouldStartWith("The mean loss over the 5 samples is NaN; expected a finite number.");
    }

    /// <summary>PyTorch divides by the sum of the batch's weights, so batches of 4 and 7 would have another mean than one of 11.</summary>
    [Theory]
    [InlineData(11)]
    [InlineData(4, 7)]
    public void A_loss_that_is_no_mean_over_samples_is_refused(params int[] sizes)
    {
        using var weights = tensor([1.0, 3.0]);
        var batches = Given.TinyBatches(sizes) // of both classes in turn
            .Select(batch => new Batch(batch.Inputs, tensor(Enumerable.Range(0, (int)batch.Size).Select(k => k % 2L).ToArray()))).ToList();
        foreach (var loss in new[] { nn.CrossEntropyLoss(weights), nn.CrossEntropyLoss(ignore_index: 1) })
        {
            var risk = new EmpiricalRisk(Given.TinyNetwork(), loss, batches);
            var message = Should.Throw<InvalidOperationException>(() => risk.RequireRepeatable()).Message;
            message.ShouldStartWith(FormattableString.Invariant($"The loss of the batches is {risk.Value()}, the mean of their samples' is "));
            message.ShouldEndWith("A loss with class weights or ignored targets is no mean over samples; take one without.");
        }
    }

    [Theory]
    [InlineData(11)]
    [InlineData(4, 7)]
    public void A_mean_over_samples_is_given_back(params int[] sizes)
    {
        using var smooth = new TorchSharp.Modules.CrossEntropyLoss(label_smoothing: 0.1);
        var model = Given.TinyNetwork();
        var whole = Given.TinyBatches(11).Single();
        var logs = model.call(whole.Inputs).log_softmax(1).detach();                        // (11, 2)
        var expected = -((0.9 * logs.gather(1, whole.Targets.unsqueeze(1)).mean()) + (0.1 * logs.mean())).ToNumber();
        new EmpiricalRisk(model, smooth, Given.TinyBatches(sizes)).RequireRepeatable().ShouldBe(expected, 1e-12);
    }

    [Fact]
    public void The_sample_hash_names_the_samples_and_not_their_cut()
    {
        var whole = Given.TinyBatches(11).Single();
        byte[] bytes = [.. whole.Inputs.bytes.ToArray(), .. whole.Targets.bytes.ToArray()];
        var expected = Convert.ToHexStringLower(SHA256.HashData(bytes))[..16];
        Hash(whole).ShouldBe(expected);
        Hash(Given.TinyBatches(11)).ShouldBe(expected);
        Hash(Given.TinyBatches(4, 7)).ShouldBe(expected);
        string[] all =
        [
            expected, Hash(Given.TinyBatches(10)), Hash(new Batch(whole.Inputs.flip(0), whole.Targets.flip(0))),
            Hash(new Batch(whole.Inputs, 1 - whole.Targets)), Hash(new Batch(whole.Inputs + 1, whole.Targets)),
        ];
        all.Distinct().Count().ShouldBe(all.Length);

        static string Hash(params Batch[] batches) => new EmpiricalRisk(Given.TinyNetwork(), nn.CrossEntropyLoss(), batches).SampleHash;
    }

    [Theory]
    [InlineData(11)]
    [InlineData(1, 7, 3)]
    [InlineData(2, 1, 1, 4, 3)]
    public void Spread_takes_every_third_sample_however_they_are_cut_and_keeps_no_other(params int[] sizes)
    {
        var spread = new EmpiricalRisk(Given.TinyNetwork(), nn.CrossEntropyLoss(), Given.TinyBatches(sizes)).Spread(3);
        var (whole, places) = (Given.TinyBatches(11).Single(), tensor([0L, 3, 6, 9]));
        Given.Distance(cat([.. spread.Batches.Select(batch => batch.Inputs)]), whole.Inputs.index_select(0, places)).ShouldBe(0);
        Given.Distance(cat([.. spread.Batches.Select(batch => batch.Targets)]), whole.Targets.index_select(0, places)).ShouldBe(0);
        spread.Batches.Max(batch => batch.Size).ShouldBeLessThanOrEqualTo(sizes.Max());
        spread.Batches[0].Inputs.stride(0).ShouldBe(3, "3 numbers a sample: a view of all samples has 9");
    }

    [Fact]
    public void Inputs_and_targets_on_two_devices_are_both_named()
    {
        var batch = new Batch(ones(4, 3, ScalarType.Float64), zeros(4, ScalarType.Int64, META));
        var message = Should.Throw<ArgumentException>(() => new EmpiricalRisk(Given.TinyNetwork(), nn.CrossEntropyLoss(), [batch])).Message;
        message.ShouldStartWith("A batch has inputs on cpu and targets on meta");
        message.ShouldContain("the network is on cpu; move all to one device.");
    }

    private sealed class Noise(Generator generator) : nn.Module<Tensor, Tensor>(nameof(Noise))
    {
        public override Tensor forward(Tensor input) => input * (1 + randn(input.shape, input.dtype, input.device, generator: generator));
    }
}
