using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Forward and backward of batch norm over one tensor, whatever its type.</summary>
internal interface INormalizationPass
{
    /// <summary>μ of each channel over the batch, known after the forward pass.</summary>
    float[] Mean { get; }

    /// <summary>σ² of each channel, divided by the number of rows, likewise.</summary>
    float[] Variance { get; }

    /// <summary>y = gain · x + offset (+ residual), without measuring anything: batch norm in evaluation mode.</summary>
    void Scale(Tensor y, Tensor? residual, bool rectifies, float[] gain, float[] offset);

    /// <summary>Fills <paramref name="y"/>, and, where ReLU follows, <paramref name="mask"/>.</summary>
    void Forward(Tensor y, Tensor? residual, Tensor? mask, float[] gain, float[] offset);

    /// <summary>∂L/∂x and ∂L/∂r into their tensors; returns ∂L/∂γ and ∂L/∂β.</summary>
    (float[] Gain, float[] Offset) Backward(Tensor gradient, Tensor? mask, float[] gain, Tensor result, Tensor? residual);

    /// <summary>A pass over <paramref name="x"/>, with the widest registers that its channels fill.</summary>
    static INormalizationPass Over(Tensor x, double epsilon) =>
        Register512.IsSupported && x.shape[1] % Register512.Width == 0 ? Over<Register512>(x, epsilon) : Over<Register256>(x, epsilon);

    private static INormalizationPass Over<TRegister>(Tensor x, double epsilon)
        where TRegister : unmanaged, IRegister<TRegister> => x.dtype == ScalarType.Float32
        ? new NormalizationPass<SingleLanes, TRegister>(x, epsilon)
        : new NormalizationPass<BrainLanes, TRegister>(x, epsilon);
}
