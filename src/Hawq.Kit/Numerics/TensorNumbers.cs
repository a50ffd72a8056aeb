using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Reads single numbers out of tensors, whatever their type.</summary>
internal static class TensorNumbers
{
    /// <summary>The value of a tensor of one element, as a double.</summary>
    public static double ToNumber(this Tensor tensor)
    {
        using var number = tensor.to(ScalarType.Float64);
        return number.item<double>();
    }
}
