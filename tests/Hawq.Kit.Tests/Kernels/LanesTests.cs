using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Kernels;

public unsafe class LanesTests
{
    [Fact]
    public void Bfloat16_is_rounded_as_libtorch_rounds_it()
    {
        using var scope = NewDisposeScope();
        var values = cat([randn(4096, generator: new Generator(3)), tensor([0f, -0f, 1e-40f, 3e38f, float.PositiveInfinity, float.NegativeInfinity, 1.00390625f, 1.01171875f])]);
        var expected = MemoryMarshal.Cast<byte, ushort>(values.to(ScalarType.BFloat16).bytes).ToArray();
        var (numbers, wide, single) = (values.data<float>().ToArray(), new ushort[expected.Length], new ushort[expected.Length]);
        var (first, second) = (Pin(wide), Pin(single));
        for (var k = 0; k < numbers.Length; k += 8)
        {
            fixed (float* eight = &numbers[k])
            {
                BrainLanes.Store(first.AddrOfPinnedObject(), k, Register256.Load(eight));
            }
        }

        for (var k = 0; k < numbers.Length; k++)
        {
            BrainLanes.StoreOne(second.AddrOfPinnedObject(), k, numbers[k]);
        }

        first.Free();
        second.Free();
        wide.SequenceEqual(single).ShouldBeTrue();
        wide.SequenceEqual(expected).ShouldBeTrue();

        static GCHandle Pin(ushort[] numbers) => GCHandle.Alloc(numbers, GCHandleType.Pinned);
    }
}
