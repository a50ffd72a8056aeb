using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Quantization;

public class ActivationCalibrationTests
{
    [Fact]
    public void Number_that_is_not_finite_is_refused_with_the_layer()
    {
        using var network = new CifarResNet(8, seed: 1);
        var inputs = zeros(2, 3, 32, 32);
        inputs[0, 0, 0, 0] = float.NaN;
        Should.Throw<InvalidOperationException>(() => ActivationCalibration.Of(network, [new Batch(inputs, zeros([2], dtype: ScalarType.Int64))]))
            .Message.ShouldStartWith("Layer \"conv1\" received a number that is not finite");
    }

    [Fact]
    public void Ranges_do_not_depend_on_the_cut_into_batches()
    {
        using var network = new CifarResNet(depth: 8, seed: 1);
        var whole = ActivationCalibration.Of(network, Given.Pictures.Take(48).Batches(48));
        var parts = ActivationCalibration.Of(network, Given.Pictures.Take(48).Batches(7));
        foreach (var (left, right) in whole.Ranges.Zip(parts.Ranges))
        {
            right.Layer.ShouldBe(left.Layer);
            right.Low.ShouldBe(left.Low, 1e-4 * left.High);
            right.High.ShouldBe(left.High, 1e-4 * left.High);
            right.MeanMagnitude.ShouldBe(left.MeanMagnitude, 1e-5 * left.MeanMagnitude);
            right.Sample[right.Sample.Count / 2].ShouldBe(left.Sample[left.Sample.Count / 2], 0.1f * (float)left.High);
        }
    }

    [Fact]
    public void The_sample_is_of_the_whole_picture_not_of_its_border()
    {
        using var network = new CifarResNet(depth: 8, seed: 1);
        using var scope = NewDisposeScope();
        var inputs = zeros([64, 3, 32, 32]);
        inputs[TensorIndex.Ellipsis, TensorIndex.Slice(8, 24), TensorIndex.Slice(8, 24)] = 1; // a quarter of the places
        var calibration = ActivationCalibration.Of(network, [new Batch(inputs, zeros([64], dtype: ScalarType.Int64))]);
        ((double)calibration["conv1"].Sample.Count(value => value == 1) / calibration["conv1"].Sample.Count).ShouldBe(0.25, 0.02);
    }

    [Fact]
    public void The_error_of_a_learned_basis_does_not_depend_on_the_cut_into_batches()
    {
        using var network = new CifarResNet(depth: 8, seed: 1);
        var calibration = ActivationCalibration.Of(network, Given.Pictures.Take(48).Batches(48));
        var (whole, parts) = (Errors(48), Errors(6));
        whole.ShouldAllBe(layer => Math.Abs(parts[layer.Key][0] - layer.Value[0]) <= 1e-4 * layer.Value[0]);

        IReadOnlyDictionary<string, double[]> Errors(int size) =>
            ActivationError.Of(network, Given.Pictures.Take(48).Batches(size), calibration, [2], QuantizationScheme.LqNets);
    }

    [Fact]
    public void The_sample_stays_bounded_whatever_the_number_of_batches()
    {
        using var network = new CifarResNet(depth: 8, seed: 1);
        var calibration = ActivationCalibration.Of(network, Given.Pictures.Batches(2)); // 128 batches
        calibration.SampleCount.ShouldBe(256);
        calibration.Ranges.ShouldAllBe(range => range.Sample.Count <= 65536 && range.Sample.Count >= 8192);
    }
}
