using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Quantization;

/// <summary>Gradients of the learned quantizers against the formulas of their papers, worked out element by element.</summary>
public class LearnedGradientTests
{
    private static readonly float[] Values = [-3.1f, -1.2f, -0.4f, 0.1f, 0.26f, 0.74f, 1.3f, 1.6f, 2.6f];
    private static readonly float[] Upstream = [0.5f, -1f, 2f, 0.25f, -0.75f, 1f, -2f, 0.75f, 3f];

    [Fact]
    public void LSQ_step_gradient_is_that_of_Esser_et_al()
    {
        using var scope = NewDisposeScope();
        var range = IntegerRange.Of(3, Symmetry.Symmetric);
        const float s = 0.5f;
        var (x, step) = (tensor(Values, requires_grad: true), tensor([s], requires_grad: true));
        LearnedStepFunction.Of(x, step, range, x.numel()).mul(tensor(Upstream)).sum().backward();
        var (expected, inside) = (0.0, new List<float>());
        for (var k = 0; k < Values.Length; k++)
        {
            var ratio = Values[k] / s;
            var isInside = ratio > range.Lowest && ratio < range.Highest; // equation 3: 1.6 ÷ 0.5 rounds to 3, the highest, and is outside
            expected += Upstream[k] * (isInside ? Math.Round(ratio) - ratio : ratio < 0 ? range.Lowest : range.Highest);
            inside.Add(isInside ? Upstream[k] : 0);
        }

        step.grad!.item<float>().ShouldBe((float)(expected / Math.Sqrt(Values.Length * (double)range.Highest)), 1e-5f);
        x.grad!.data<float>().ToArray().ShouldBe(inside);
        inside.ShouldContain(0);
    }

    [Fact]
    public void LSQ_step_gradient_of_inputs_counts_the_features_of_one_sample()
    {
        using var scope = NewDisposeScope();
        var range = new ActivationRange("x", 0, 2, 0.5, []);
        using var quantizer = new ActivationFakeQuantizer(range, 3, QuantizationScheme.LearnedStep);
        var one = Gradient(tensor(Values).reshape(1, -1));
        Gradient(tensor(Values).reshape(1, -1).repeat(4, 1)).ShouldBe(4 * one, 1e-5f);      // the sum over four samples, not divided by √4
        one.ShouldNotBe(0);

        float Gradient(Tensor x)
        {
            var step = quantizer.get_parameter("step")!;
            return autograd.grad([quantizer.call(x).mul(tensor(Upstream)).sum()], [step])[0].item<float>();
        }
    }

    [Fact]
    public void PACT_clip_gradient_is_that_of_Choi_et_al()
    {
        using var scope = NewDisposeScope();
        const float alpha = 1.25f;
        var (x, clip) = (tensor(Values, requires_grad: true), tensor([alpha], requires_grad: true));
        var output = LearnedClipFunction.Of(x, clip, 2);
        output.mul(tensor(Upstream)).sum().backward();
        clip.grad!.item<float>().ShouldBe(Values.Zip(Upstream).Where(pair => pair.First >= alpha).Sum(pair => pair.Second), 1e-6f);
        x.grad!.data<float>().ToArray().ShouldBe(Values.Zip(Upstream, (value, g) => value is >= 0 and < alpha ? g : 0));
        output.data<float>().ToArray().ShouldAllBe(value => Math.Abs(value / (alpha / 3) - Math.Round(value / (alpha / 3))) < 1e-5 && value >= 0 && value <= alpha);
    }

    [Fact]
    public void A_clip_or_step_that_an_update_took_below_zero_is_put_back()
    {
        using var scope = NewDisposeScope();
        var range = new ActivationRange("x", 0, 2, 0.5, [0.1f, 0.5f, 2f]);
        foreach (var (scheme, name) in new[] { (QuantizationScheme.Pact, "clip"), (QuantizationScheme.LearnedStep, "step") })
        {
            using var quantizer = new ActivationFakeQuantizer(range, 2, scheme);
            using (no_grad())
            {
                quantizer.get_parameter(name)!.fill_(-0.5);
            }

            quantizer.call(tensor(Values, requires_grad: true)).sum().backward();
            quantizer.get_parameter(name)!.item<float>().ShouldBeGreaterThan(0);
            quantizer.get_parameter(name)!.grad!.isfinite().all().item<bool>().ShouldBeTrue();
        }
    }

    [Fact]
    public void DoReFa_weight_is_that_of_Zhou_et_al_and_its_gradient_passes_through_tanh()
    {
        using var scope = NewDisposeScope();
        var w = tensor(Values, requires_grad: true);
        using var quantizer = new WeightFakeQuantizer(w, 3, QuantizationScheme.DoReFa);
        var output = quantizer.call(w);
        var most = Values.Max(value => Math.Abs(Math.Tanh(value)));
        var expected = Values.Select(value => 2 * Math.Round(7 * (Math.Tanh(value) / (2 * most) + 0.5), MidpointRounding.ToEven) / 7 - 1);
        output.data<float>().ToArray().Zip(expected).ShouldAllBe(pair => Math.Abs(pair.First - pair.Second) < 1e-5);
        output.mul(tensor(Upstream)).sum().backward();
        for (var k = 1; k < Values.Length; k++) // element 0 also is the maximum that divides all others
        {
            var slope = (1 - Math.Pow(Math.Tanh(Values[k]), 2)) / most;
            w.grad![k].item<float>().ShouldBe((float)(Upstream[k] * slope), 1e-4f);
        }
    }

    [Fact]
    public void DoReFa_weights_that_are_all_0_give_finite_numbers_and_gradients()
    {
        using var scope = NewDisposeScope();
        var w = zeros([4], requires_grad: true);
        using var quantizer = new WeightFakeQuantizer(w, 3, QuantizationScheme.DoReFa);
        var output = quantizer.call(w);
        output.abs().max().item<float>().ShouldBeLessThan(0.2f); // the grid has no 0; its least levels are ±1/7
        output.sum().backward();
        w.grad!.data<float>().ToArray().ShouldBe([1f, 1f, 1f, 1f]);
    }

    [Theory]
    [InlineData("LSQ")]
    [InlineData("PACT")]
    [InlineData("LQ-Nets")]
    [InlineData("calibrated")]
    public void No_live_tensor_remains_after_a_step(string method)
    {
        var scheme = method switch { "LSQ" => QuantizationScheme.LearnedStep, "PACT" => QuantizationScheme.Pact, "LQ-Nets" => QuantizationScheme.LqNets, _ => QuantizationScheme.SymmetricPerChannel };
        using var network = new CifarResNet(8, seed: 1);
        using var batch = Given.Pictures.Take(8).Batches(8).First();
        var blocks = BlockPartition.ByUnit.Of(network).Select(block => new BlockPrecision(block, 4, 4));
        ModelQuantizer.Quantize(network, blocks, scheme, ActivationCalibration.Of(network, [batch]));
        Given.ShouldLeaveNoTensor(() =>
        {
            using var scope = NewDisposeScope();
            nn.functional.cross_entropy(network.call(batch.Inputs), batch.Targets).backward();
        });
    }
}
