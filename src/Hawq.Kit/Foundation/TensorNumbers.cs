using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Reads numbers out of tensors, whatever their type, device and layout.</summary>
internal static class TensorNumbers
{
    /// <summary>The value of a tensor of one element, as a double.</summary>
    public static double ToNumber(this Tensor tensor)
    {
        using var number = tensor.to(ScalarType.Float64);
        return number.item<double>();
    }

    /// <summary>The values in order, as float32.</summary>
    public static float[] ToFloats(this Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
    }
}
