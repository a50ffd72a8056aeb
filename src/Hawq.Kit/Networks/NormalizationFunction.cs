using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace Hawq.Kit;

/// <summary>y = act(γ · (x − μ) / σ + β + r) with the batch's own μ and σ, forward in two passes over memory and backward in two.</summary>
/// <remarks>
/// act is ReLU or nothing; r, the other branch of a residual unit, may be absent. Statistics, γ and β are float32, sums of the
/// batch float64, x, r and y float32 or bfloat16. Its gradient cannot be differentiated again; in evaluation mode, where
/// Hessians are taken, networks use libtorch's batch norm.
/// </remarks>
internal sealed class NormalizationFunction : SingleTensorFunction<NormalizationFunction>
{
    public override string Name => nameof(NormalizationFunction);

    /// <summary>Whether it computes this.</summary>
    public static bool Fits(Tensor x, Tensor? residual) =>
        is_grad_enabled() && DenseMemory.FitsInRows(x)
        && (residual is null || (residual.dtype == x.dtype && residual.device_type == DeviceType.CPU && residual.shape.SequenceEqual(x.shape)));

    /// <param name="x">(N, C, H, W), channels last.</param>
    /// <param name="gain">γ, (C).</param>
    /// <param name="offset">β, (C).</param>
    /// <param name="residual">r, of x's shape and type, or <see langword="null"/>.</param>
    /// <param name="settings">The rest.</param>
    /// <param name="statistics">Receives μ and the variance of the batch.</param>
    public static Tensor Of(Tensor x, Tensor gain, Tensor offset, Tensor? residual, Settings settings, BatchStatistics statistics) =>
        apply(x, gain, offset, residual!, settings, statistics);

    public override Tensor forward(AutogradContext ctx, params object[] vars)
    {
        var (x, gain, offset, residual) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2], (Tensor?)vars[3]);
        var (settings, statistics) = ((Settings)vars[4], (BatchStatistics)vars[5]);
        using var rows = residual is null ? null : DenseMemory.InRows(residual);
        var y = empty_like(x);
        var pass = INormalizationPass.Over(x, settings.Epsilon);
        pass.Forward(y, rows, gain.data<float>().ToArray(), offset.data<float>().ToArray(), settings.Rectifies);
        (statistics.Mean, statistics.Variance) = (pass.Mean, pass.Variance);
        ctx.save_for_backward(settings.Rectifies ? [x, gain, y] : [x, gain]);
        ctx.save_data("settings", settings);
        ctx.save_data("statistics", statistics);
        ctx.save_data("residual", residual is { requires_grad: true });
        return y;
    }

    public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
    {
        using var scope = NewDisposeScope();
        var (settings, statistics) = ((Settings)ctx.get_data("settings"), (BatchStatistics)ctx.get_data("statistics"));
        var saved = ctx.get_saved_variables();
        var pass = INormalizationPass.Over(saved[0], settings.Epsilon);
        (pass.Mean, pass.Variance) = (statistics.Mean, statistics.Variance);
        var result = empty_like(saved[0]);
        var residual = (bool)ctx.get_data("residual") ? empty_like(saved[0]) : null;
        var gradient = DenseMemory.InRows(grad_output);
        var (gain, offset) = pass.Backward(gradient, settings.Rectifies ? saved[2] : null, saved[1].data<float>().ToArray(), result, residual);
        saved.ForEach(tensor => tensor.Dispose());
        return GradientHandles.Returned(result, tensor(gain), tensor(offset), residual, null, null);
    }

    /// <summary>What is not a tensor.</summary>
    /// <param name="Epsilon">What is added to the variance.</param>
    /// <param name="Rectifies">Whether ReLU follows.</param>
    public sealed record Settings(double Epsilon, bool Rectifies);

    /// <summary>Mean and biased variance of each channel over the batch.</summary>
    public sealed class BatchStatistics
    {
        public float[] Mean { get; set; } = [];

        public float[] Variance { get; set; } = [];
    }
}
