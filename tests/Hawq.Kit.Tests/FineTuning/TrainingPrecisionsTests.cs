namespace Hawq.Kit.Tests.FineTuning;

public class TrainingPrecisionsTests
{
    [Fact]
    public void The_fastest_is_bfloat16_where_the_kernel_names_its_instructions()
    {
        var flags = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("flags", StringComparison.Ordinal))?.Split(' ') ?? [];
        var multiplies = flags.Contains("avx512f") && (flags.Contains("avx512_bf16") || flags.Contains("amx_bf16"));
        TrainingPrecisions.Fastest.ShouldBe(multiplies ? TrainingPrecision.BFloat16 : TrainingPrecision.Float32);
    }
}
