using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Data;

public class BatchTests
{
    [Fact]
    public void Erasing_takes_a_rectangle_of_the_mean_colour_from_about_as_many_pictures_as_asked()
    {
        using var scope = NewDisposeScope();
        var erasing = Augmentation.None with { Erasing = 0.5 };
        Tensor Inputs(Augmentation augmentation, int epoch) =>
            cat([.. Given.Pictures.TrainingBatches(64, augmentation, 5, epoch).Select(batch => batch.Inputs)]);
        var (plain, erased) = (Inputs(Augmentation.None, 3), Inputs(erasing, 3));
        var changed = 0;
        for (long k = 0; k < plain.shape[0]; k++)
        {
            var gone = erased[k].ne(plain[k]).any(0);                                       // (H, W)
            var area = gone.any(1).sum().item<long>() * gone.any(0).sum().item<long>();
            if (area > 0)
            {
                changed++;
                area.ShouldBeInRange(15, 430);                                              // 2 to 40 % of 1,024, whole sides
                gone.sum().item<long>().ShouldBe(area);
                erased[k].masked_select(gone).abs().max().item<float>().ShouldBe(0);
            }
        }

        ((double)changed / plain.shape[0]).ShouldBe(0.5, 0.12);                             // 256 pictures: four standard deviations
        Inputs(erasing, 3).equal(erased).all().item<bool>().ShouldBeTrue();
        Inputs(erasing, 4).equal(erased).all().item<bool>().ShouldBeFalse();
        Should.Throw<ArgumentOutOfRangeException>(() => Augmentation.None with { Erasing = 1.5 });
    }

    [Fact]
    public void Same_seed_and_epoch_give_the_same_batches_and_another_epoch_does_not()
    {
        Batch First(int epoch) => Given.Pictures.TrainingBatches(64, Augmentation.CropAndFlip, 5, epoch).First();
        First(1).Inputs.equal(First(1).Inputs).all().item<bool>().ShouldBeTrue();
        First(1).Targets.equal(First(1).Targets).all().item<bool>().ShouldBeTrue();
        First(1).Inputs.equal(First(2).Inputs).all().item<bool>().ShouldBeFalse();
    }

    [Fact]
    public void Augmented_picture_is_one_of_the_naive_crops_and_flips()
    {
        var picture = Given.Pictures.Take(1);
        var plain = picture.Batches(1).Single().Inputs;
        var padded = nn.functional.pad(plain, [4, 4, 4, 4]);
        var seen = new HashSet<(int Top, int Left, bool Flip)>();
        for (var epoch = 0; epoch < 30; epoch++)
        {
            var augmented = picture.TrainingBatches(1, Augmentation.CropAndFlip, 9, epoch).Single().Inputs;
            var match = Windows().Where(w => Distance(Naive(padded, w), augmented) == 0).ToList();
            match.Count.ShouldBe(1);
            seen.Add(match[0]);
        }

        seen.Count.ShouldBeGreaterThan(20);
        seen.Select(w => w.Flip).Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public void Padding_that_would_show_nothing_of_a_picture_is_refused()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => new Augmentation(-1, false)).Message.ShouldContain("0 or more");
        Should.Throw<ArgumentOutOfRangeException>(() => Augmentation.CropAndFlip with { Padding = -4 });
        Should.Throw<ArgumentOutOfRangeException>(() => Given.Pictures.TrainingBatches(1, new(32, false), 1, 1)).Message.ShouldContain("a padding below 32");
        using var batch = Given.Pictures.TrainingBatches(1, new(31, false), 1, 1).First();
        batch.Inputs.abs().max().item<float>().ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData(256, 256)]
    [InlineData(300, 256)]
    [InlineData(255, 255)]
    public void A_last_smaller_training_batch_is_left_out_unless_it_is_the_only_one(int size, long expected) =>
        Given.Pictures.TrainingBatches(size, Augmentation.None, 1, 1).Single().Size.ShouldBe(expected);

    [Fact]
    public void Plain_picture_is_normalised_by_channel()
    {
        var set = Given.Pictures;
        var inputs = set.Batches(2).First().Inputs;
        var red = ((set.Pixels[3072 + 33] / 255.0) - 0.485) / 0.229;
        inputs[1, 0, 1, 1].item<float>().ShouldBe((float)red, 1e-5f);
    }

    [Fact]
    public void Batches_cover_all_pictures_once_in_order()
    {
        var set = Given.Pictures;
        var batches = set.Batches(100).ToList();
        batches.Select(b => b.Size).ShouldBe([100, 100, 56]);
        batches.SelectMany(b => b.Targets.data<long>().ToArray()).ShouldBe(set.Labels.ToArray().Select(label => (long)label));
    }

    [Fact]
    public void Training_batches_take_every_picture_once()
    {
        var set = Given.Pictures;
        var labels = set.TrainingBatches(64, Augmentation.None, 1, 1).SelectMany(b => b.Targets.data<long>().ToArray()).ToList();
        labels.Order().ShouldBe(set.Labels.ToArray().Select(label => (long)label).Order());
    }

    [Fact]
    public void Batches_are_channels_last() =>
        Given.Pictures.Batches(2).First().Inputs.stride().ShouldBe([3 * 32 * 32, 1, 3 * 32, 3]);

    /// <summary>They are filled as float32: a tensor of another type would hold other numbers, or end before they do.</summary>
    [Fact]
    public void Batches_do_not_depend_on_the_type_that_torch_makes_by_default()
    {
        using var expected = Given.Pictures.Batches(4).First();
        using var other = new Float64ByDefault();
        using var actual = Given.Pictures.Batches(4).First();
        actual.Inputs.dtype.ShouldBe(ScalarType.Float32);
        actual.Inputs.equal(expected.Inputs).all().item<bool>().ShouldBeTrue();
    }

    [Fact]
    public void Batches_leave_no_tensor_but_their_own()
    {
        var set = Given.Pictures;
        var before = Given.LiveTensors;
        foreach (var batch in set.TrainingBatches(64, Augmentation.CropAndFlip, 1, 1))
        {
            batch.Dispose();
        }

        Given.LiveTensors.ShouldBe(before);
    }

    [Fact]
    public void Split_parts_are_disjoint_and_complete()
    {
        var (first, second) = Given.Pictures.Split(56, 1);
        (first.Count, second.Count).ShouldBe((200, 56));
        first.Labels.ToArray().Concat(second.Labels.ToArray()).Order().ShouldBe(Given.Pictures.Labels.ToArray().Order());
        Should.Throw<ArgumentOutOfRangeException>(() => Given.Pictures.Take(257)).Message.ShouldContain("The set has 256 pictures; ask for 1 to 256.");
    }

    private static IEnumerable<(int Top, int Left, bool Flip)> Windows() =>
        from top in Enumerable.Range(0, 9)
        from left in Enumerable.Range(0, 9)
        from flip in new[] { false, true }
        select (top, left, flip);

    private static Tensor Naive(Tensor padded, (int Top, int Left, bool Flip) window)
    {
        var crop = padded.narrow(2, window.Top, 32).narrow(3, window.Left, 32);
        return window.Flip ? crop.flip(3) : crop;
    }

    private static double Distance(Tensor left, Tensor right)
    {
        using var scope = NewDisposeScope();
        return Given.Distance(left, right);
    }
}
