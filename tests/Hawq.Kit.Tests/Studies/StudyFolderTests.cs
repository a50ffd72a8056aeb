namespace Hawq.Kit.Tests.Studies;

public class StudyFolderTests
{
    [Fact]
    public void Claim_is_held_by_one_and_falls_when_its_holder_ends()
    {
        using var folder = new TemporaryFolder();
        var (one, other) = (new StudyFolder(folder["a"]), new StudyFolder(folder["a"]));
        var claim = one.TryClaim("cells", "words").ShouldNotBeNull();
        other.TryClaim("cells", "words").ShouldBeNull();
        using var another = other.TryClaim("cells", "other words").ShouldNotBeNull();
        claim.Dispose();
        using var taken = other.TryClaim("cells", "words").ShouldNotBeNull(); // the file of the dead holder is still there
        one.TryClaim("cells", "words").ShouldBeNull();
    }

    [Fact]
    public async Task Work_is_done_once_by_whoever_comes_first()
    {
        using var folder = new TemporaryFolder();
        var done = 0;
        var results = await Task.WhenAll(Enumerable.Range(0, 6).Select(k => Task.Run(() => new StudyFolder(folder["a"]).Remember(
            "measured", "words", () =>
            {
                Interlocked.Increment(ref done);
                Thread.Sleep(30);
                return new Estimate(k + (1 / 3.0), double.PositiveInfinity, k);
            }, CancellationToken.None))));
        done.ShouldBe(1);
        results.Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public void Result_of_other_words_is_refused()
    {
        using var folder = new TemporaryFolder();
        var study = new StudyFolder(folder["a"]);
        study.Write("cells", "words", new Estimate(1, 2, 3));
        study.Read<Estimate>("cells", "words").ShouldBe(new Estimate(1, 2, 3));
        study.Read<Estimate>("cells", "others").ShouldBeNull();
        File.Copy(Path.Combine(study.Of("cells", "words"), "result.json"), Path.Combine(study.Of("cells", "others"), "result.json"));
        Should.Throw<InvalidDataException>(() => study.Read<Estimate>("cells", "others")).Message.ShouldContain("expected others");
    }
}
