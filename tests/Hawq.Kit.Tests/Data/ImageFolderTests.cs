namespace Hawq.Kit.Tests.Data;

public class ImageFolderTests
{
    private const int Side = 35;

    private static string Root => Given.Fixture("pictures");

    [Fact]
    public void Resized_and_cropped_pictures_are_those_of_PIL()
    {
        var expected = File.ReadAllBytes(Given.Fixture("pictures-35.bin"));
        var size = 3 * Side * Side;
        var names = Names();
        expected.Length.ShouldBe(names.Count * size);
        for (var k = 0; k < names.Count; k++)
        {
            var actual = Cut(Path.Combine(Root, names[k]), Side, 40);
            var difference = actual.Zip(expected.Skip(k * size), (a, b) => (double)Math.Abs(a - b)).Average();
            difference.ShouldBeLessThanOrEqualTo(names[k].EndsWith(".png", StringComparison.Ordinal) ? 0 : 1, names[k]);
        }
    }

    [Fact]
    public void Batches_hold_the_normalised_pictures_with_their_labels_one_of_each_class_in_turn()
    {
        var folder = ImageFolder.Open(Root, Side);
        (folder.Count, folder.Resize).ShouldBe((15, 40));
        folder.ClassNames.ShouldBe(["n02095889", "n03485407", "n07716906", "odd"]);
        var batches = folder.Batches(4).ToList();
        batches.Select(batch => batch.Size).ShouldBe([4, 4, 4, 3]);
        batches[0].Targets.data<long>().ToArray().ShouldBe([0, 1, 2, 3]);
        batches[1].Targets.data<long>().ToArray().ShouldBe([3, 3, 3, 3]);
        var picture = Cut(Path.Combine(Root, "n03485407/hand-held_computer.JPEG"), Side, 40);
        var normalised = batches[0].Inputs[1].permute(1, 2, 0).contiguous().data<float>().ToArray();
        normalised[4].ShouldBe(((picture[4] / 255f) - 0.456f) / 0.224f, 1e-6);
        normalised[^1].ShouldBe(((picture[^1] / 255f) - 0.406f) / 0.225f, 1e-6);
        folder.Skipped.ShouldBeEmpty();
    }

    [Fact]
    public void A_list_of_classes_decides_labels_and_what_is_left_out()
    {
        var folder = ImageFolder.Open(Root, Side, classes: ["absent", "n07716906", "n02095889"]);
        folder.Count.ShouldBe(2);
        using var batch = folder.Batches(8).Single();
        batch.Targets.data<long>().ToArray().ShouldBe([1, 2]);
        folder.Hash.ShouldNotBe(ImageFolder.Open(Root, Side, classes: ["n07716906", "n02095889"]).Hash);
    }

    [Fact]
    public void A_cut_in_two_parts_the_pictures_and_keeps_the_classes()
    {
        var folder = ImageFolder.Open(Root, Side);
        var (first, second) = folder.Split(4, seed: 1);
        (first.Count, second.Count).ShouldBe((11, 4));
        second.ClassNames.ShouldBe(folder.ClassNames);
        Sorted(first).Concat(Sorted(second)).Order().ShouldBe(Sorted(folder).Order());
        folder.Split(4, seed: 1).Second.Hash.ShouldBe(second.Hash);
        folder.Split(4, seed: 2).Second.Hash.ShouldNotBe(second.Hash);
        Should.Throw<ArgumentOutOfRangeException>(() => folder.Split(15, seed: 1));

        static List<double> Sorted(ImageFolder of) => [.. of.Batches(1).Select(batch => batch.Inputs.sum(TorchSharp.torch.ScalarType.Float64).item<double>()).Order()];
    }

    [Fact]
    public void Training_batches_depend_on_seed_and_epoch_alone()
    {
        var folder = ImageFolder.Open(Root, Side);
        var one = Bytes(folder.WithWorkers(1).WithPrefetch(1), 5, 2);
        Bytes(folder.WithWorkers(4).WithPrefetch(3), 5, 2).ShouldBe(one);
        Bytes(folder, 5, 3).ShouldNotBe(one);
        Bytes(folder, 6, 2).ShouldNotBe(one);
        folder.TrainingBatches(4, Augmentation.CropAndFlip, 5, 2).Count().ShouldBe(3);
        folder.TrainingBatches(4, Augmentation.CropAndFlip, 5, 2, pictures: 9).Count().ShouldBe(2);

        static float[] Bytes(ImageFolder folder, long seed, int epoch) =>
            [.. folder.TrainingBatches(4, Augmentation.CropAndFlip, seed, epoch).SelectMany(batch => batch.Inputs.contiguous().data<float>().ToArray())];
    }

    [Fact]
    public void Without_random_changes_training_pictures_are_the_middle_ones()
    {
        var folder = ImageFolder.Open(Root, Side, classes: ["n02095889"]);
        using var plain = folder.Batches(1).Single();
        using var training = folder.TrainingBatches(1, Augmentation.None, 1, 1).Single();
        training.Inputs.equal(plain.Inputs).all().item<bool>().ShouldBeTrue();
    }

    [Fact]
    public void Without_a_crop_a_flip_makes_training_pictures_the_middle_ones_or_their_mirror_images()
    {
        var folder = ImageFolder.Open(Root, Side, classes: ["n02095889"]);
        using var plain = folder.Batches(1).Single();
        using var mirror = plain.Inputs.flip(3);
        var mirrored = Enumerable.Range(1, 20).Count(epoch =>
        {
            using var batch = folder.TrainingBatches(1, new Augmentation(0, true), 1, epoch).Single();
            var isMirrored = batch.Inputs.equal(mirror).all().item<bool>();
            batch.Inputs.equal(plain.Inputs).all().item<bool>().ShouldBe(!isMirrored);
            return isMirrored;
        });
        mirrored.ShouldBeInRange(3, 17);
    }

    [Fact]
    public void Batches_do_not_depend_on_the_type_that_torch_makes_by_default()
    {
        var folder = ImageFolder.Open(Root, Side, classes: ["n02095889"]);
        using var expected = folder.Batches(1).Single();
        using var other = new Float64ByDefault();
        using var actual = folder.Batches(1).Single();
        actual.Inputs.dtype.ShouldBe(TorchSharp.torch.ScalarType.Float32);
        actual.Inputs.equal(expected.Inputs).all().item<bool>().ShouldBeTrue();
    }

    [Fact]
    public void Pictures_that_cannot_be_decoded_are_named_and_skipped_up_to_the_limit()
    {
        using var copy = Copy();
        var cut = File.ReadAllBytes(Path.Combine(Root, "n02095889/Sealyham_terrier.JPEG"))[..4000];
        File.WriteAllBytes(copy["a/cut.jpg"], cut);
        File.WriteAllText(copy["a/text.jpg"], "no picture");
        File.WriteAllBytes(copy["a/empty.png"], []);
        var folder = ImageFolder.Open(copy.Path, Side).WithCorruptLimit(3);
        for (var pass = 0; pass < 2; pass++)
        {
            folder.Batches(3).Sum(batch => batch.Size).ShouldBe(1);
        }

        folder.Skipped.Count.ShouldBe(3);
        folder.Skipped[0].ShouldStartWith("a/cut.jpg: decoding ended with ");
        folder.Skipped[2].ShouldBe("a/text.jpg: no picture of a known format");
        var strict = folder.WithCorruptLimit(2);
        var message = Should.Throw<InvalidDataException>(() => strict.Batches(2).ToList()).Message;
        message.ShouldStartWith("3 pictures could not be decoded; expected at most 2. a/cut.jpg");
        message.ShouldContain("WithCorruptLimit");
    }

    [Fact]
    public void Links_are_not_followed()
    {
        using var outside = Copy();
        using var root = Copy();
        Directory.CreateSymbolicLink(root["b"], outside["a"]);
        Directory.CreateSymbolicLink(root["a/more"], outside["a"]);
        File.CreateSymbolicLink(root["a/link.jpg"], outside["a/whole.jpg"]);
        var folder = ImageFolder.Open(root.Path, Side);
        folder.ClassNames.ShouldBe(["a"]);
        folder.Count.ShouldBe(1);
        Should.Throw<InvalidDataException>(() => ImageFolder.Open(root.Path, Side, classes: ["b"])).Message.ShouldContain("Symbolic links are not followed");
        Should.Throw<ArgumentException>(() => ImageFolder.Open(root.Path, Side, classes: ["../a"])).Message.ShouldContain("no name of a class folder");
    }

    [Fact]
    public void Hidden_folders_and_files_are_no_classes_and_no_pictures()
    {
        using var root = Copy();
        foreach (var path in new[] { ".ipynb_checkpoints/x.jpg", "a/.ipynb_checkpoints/x.jpg", "a/._whole.jpg" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(root[path])!);
            File.Copy(root["a/whole.jpg"], root[path]);
        }

        var folder = ImageFolder.Open(root.Path, Side);
        folder.ClassNames.ShouldBe(["a"]);
        folder.Count.ShouldBe(1);
    }

    [Fact]
    public void A_picture_too_long_to_resize_is_skipped_as_one_that_cannot_be_decoded()
    {
        using var root = Copy();
        var folder = ImageFolder.Open(root.Path, Side, resize: int.MaxValue);
        folder.Batches(2).ShouldBeEmpty();
        folder.Skipped.Single().ShouldStartWith("a/whole.jpg: ");
        folder.Skipped.Single().ShouldContain("expected a longer side of at most 1 times the shorter");
    }

    [Fact]
    public void Train_and_val_share_their_labels()
    {
        using var root = new TemporaryFolder();
        foreach (var path in new[] { "train/cat", "train/dog", "val/dog" })
        {
            Directory.CreateDirectory(root[path]);
            File.Copy(Path.Combine(Root, "odd/tiny.png"), Path.Combine(root[path], "x.png"));
        }

        var (train, validation) = ImageFolder.Load(root.Path, Side);
        train.Count.ShouldBe(2);
        using var batch = validation.Batches(2).Single();
        batch.Targets.data<long>().ToArray().ShouldBe([1]);
    }

    [Fact]
    public void Missing_folder_is_named() =>
        Should.Throw<DirectoryNotFoundException>(() => ImageFolder.Open("/no/such")).Message.ShouldStartWith("No folder \"/no/such\"");

    [Fact]
    public void Accuracy_and_training_take_a_folder_and_no_live_tensor_remains()
    {
        var folder = ImageFolder.Open(Root, Side);
        using var network = new CifarResNet(8, classes: 4, seed: 1);
        var before = Given.LiveTensors;
        var accuracy = Accuracy.Of(network, folder);
        accuracy.Count.ShouldBe(15);
        Given.LiveTensors.ShouldBe(before);
        var report = NetworkTraining.Of(network).WithEpochs(1).WithBatchSize(5).Run(folder, folder.Sample(4, 1), seed: 1);
        report.Epochs.Count.ShouldBe(1);
    }

    private static List<string> Names() =>
        [.. Directory.GetFiles(Root, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Root, path)).Order(StringComparer.Ordinal)];

    private static byte[] Cut(string path, int side, int resize)
    {
        using var picture = PictureFile.Decode(path);
        var pixels = new byte[3 * side * side];
        PictureResampler.Resample(picture, PictureWindow.Center(picture.Width, picture.Height, resize, side), side, pixels);
        return pixels;
    }

    /// <summary>A root with one class, "a", of one sound picture.</summary>
    private static TemporaryFolder Copy()
    {
        var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["a"]);
        File.Copy(Path.Combine(Root, "odd/tall.jpg"), folder["a/whole.jpg"]);
        return folder;
    }
}
