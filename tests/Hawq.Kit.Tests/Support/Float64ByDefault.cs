using static TorchSharp.torch;

namespace Hawq.Kit.Tests;

/// <summary>Until it is disposed, torch makes float64 tensors where no type is said, as a notebook may ask it to.</summary>
internal sealed class Float64ByDefault : IDisposable
{
    private readonly ScalarType _before = get_default_dtype();

    public Float64ByDefault() => set_default_dtype(ScalarType.Float64);

    public void Dispose() => set_default_dtype(_before);
}
