using TorchSharp;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Forward and backward of batch norm over one tensor, whatever its type.</summary>
internal interface INormalizationPass
{
    /// <summary>μ of each channel over the batch, once measured.</summary>
    float[] Mean { get; }

    /// <summary>σ² of each channel, divided by the number of rows, likewise.</summary>
    float[] Variance { get; }

    /// <summary>Measures μ and σ² of the batch.</summary>
    void Measure();

    /// <summary>Takes given μ and σ², as the running ones in evaluation.</summary>
    void Take(float[] mean, float[] variance);

    /// <summary>Fills <paramref name="y"/> by μ and σ²; which numbers ReLU lets pass become bits of <paramref name="mask"/>, if there is one.</summary>
    void Forward(Tensor y, Tensor? residual, bool rectifies, Tensor? mask, float[] gain, float[] offset);

    /// <summary>∂L/∂x and ∂L/∂r into their tensors; returns ∂L/∂γ and ∂L/∂β.</summary>
    (float[] Gain, float[] Offset) Backward(Tensor gradient, Tensor? mask, float[] gain, Tensor result, Tensor? residual);

    /// <summary>Whether a pass can read this: (N, C, H, W) on the CPU, channels last, with a residual of its shape and type.</summary>
    static bool Fits(Tensor x, Tensor? residual) =>
        DenseMemory.FitsInRows(x)
        && (residual is null || (residual.dtype == x.dtype && residual.device_type == DeviceType.CPU && residual.shape.SequenceEqual(x.shape)));

    /// <summary>A pass over <paramref name="x"/>, with the widest registers that its channels fill.</summary>
    static INormalizationPass Over(Tensor x, double epsilon) =>
        Register512.IsSupported && x.shape[1] % Register512.Width == 0 ? Over<Register512>(x, epsilon) : Over<Register256>(x, epsilon);

    private static INormalizationPass Over<TRegister>(Tensor x, double epsilon)
        where TRegister : unmanaged, IRegister<TRegister> => x.dtype == ScalarType.Float32
        ? new NormalizationPass<SingleLanes, TRegister>(x, epsilon)
        : new NormalizationPass<BrainLanes, TRegister>(x, epsilon);
}
