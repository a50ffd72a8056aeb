using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Where the kit's own kernels may work on a tensor's memory: on the CPU, without gaps, in float32 or bfloat16.</summary>
internal static unsafe class DenseMemory
{
    /// <summary>Whether kernels can read the tensor once it lies without gaps.</summary>
    public static bool IsPlain(Tensor tensor) =>
        tensor.device_type == DeviceType.CPU && tensor.dtype is ScalarType.Float32 or ScalarType.BFloat16 && tensor.numel() is > 0 and < int.MaxValue / 4;

    /// <summary>Whether kernels can read the tensor as one run of numbers, in either dense layout.</summary>
    public static bool Fits(Tensor tensor) => IsPlain(tensor) && (tensor.is_contiguous() || ChannelsLast.Is(tensor));

    /// <summary>Whether kernels can read an (N, C, H, W) tensor as rows of C numbers.</summary>
    public static bool FitsInRows(Tensor tensor) => IsPlain(tensor) && ChannelsLast.Is(tensor);

    /// <summary>Address of the first element. The caller keeps the tensor alive; native memory does not move.</summary>
    public static nint Address(Tensor tensor)
    {
        using var flat = tensor.as_strided([tensor.numel()], [1], tensor.storage_offset());
        return (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(flat.bytes));
    }
}
