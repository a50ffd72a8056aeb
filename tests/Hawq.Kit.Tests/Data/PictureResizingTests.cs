namespace Hawq.Kit.Tests.Data;

public class PictureResizingTests
{
    [Fact]
    public void Enlarged_pictures_are_those_of_PIL()
    {
        const int side = 75;
        var pictures = Given.Pictures.Take(3);
        var target = new byte[side * side * 3];
        using var batch = pictures.Resized(side).Batches(3).Single();
        batch.Inputs.shape.ShouldBe([3, 3, side, side]);
        using var values = batch.Inputs.contiguous();
        for (var k = 0; k < 3; k++)
        {
            using var picture = new RgbaPicture(32, 32);
            for (var at = 0; at < 1024; at++)
            {
                for (var channel = 0; channel < 3; channel++)
                {
                    picture.Bytes[(4 * at) + channel] = pictures.Pixels[(((k * 3) + channel) * 1024) + at];
                }
            }

            PictureResampler.Resample(picture, new PictureWindow(0, 0, 32, 32, side, side), side, target);
            var actual = values[k].data<float>().ToArray();
            for (var at = 0; at < side * side; at++)
            {
                for (var channel = 0; channel < 3; channel++)
                {
                    var pixel = 255 * ((actual[(channel * side * side) + at] * pictures.Normalization.Deviation[channel]) + pictures.Normalization.Mean[channel]);
                    pixel.ShouldBe(target[(3 * at) + channel], 1.01f); // PIL rounds twice, to bytes
                }
            }
        }
    }

    [Fact]
    public void Order_labels_and_choice_are_those_of_the_source()
    {
        var source = Given.Pictures;
        var larger = source.Resized(40);
        (larger.Count, larger.Side, larger.Take(5).Count, larger.Sample(7, 1).Side).ShouldBe((256, 40, 5, 40));
        larger.Hash.ShouldNotBe(source.Hash);
        using var expected = source.TrainingBatches(16, Augmentation.CropAndFlip, 3, 1).First();
        using var actual = larger.TrainingBatches(16, Augmentation.CropAndFlip, 3, 1).First();
        actual.Targets.equal(expected.Targets).all().item<bool>().ShouldBeTrue();
        actual.Inputs.stride(1).ShouldBe(1); // channels last
        source.Resized(32).ShouldBeSameAs(source);
    }

    [Fact]
    public void A_smaller_side_is_refused() =>
        Should.Throw<ArgumentOutOfRangeException>(() => Given.Pictures.Resized(16)).ParamName.ShouldBe("side");

    [Fact]
    public void No_live_tensor_remains()
    {
        var before = Given.LiveTensors;
        foreach (var batch in Given.Pictures.Resized(40).Batches(100))
        {
            batch.Dispose();
        }

        Given.LiveTensors.ShouldBe(before);
    }
}
