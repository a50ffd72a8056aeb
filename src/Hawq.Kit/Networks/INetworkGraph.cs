using TorchSharp.Modules;

namespace Hawq.Kit;

/// <summary>
/// What a network tells its operations to, one by one, in the order of its forward pass in evaluation mode. Values go by names: each
/// call takes those of its inputs and returns that of its output. A file format is one implementation.
/// </summary>
public interface INetworkGraph
{
    /// <summary>A convolution, (N, C_in, H, W) → (N, C_out, H', W'), or a linear layer, (N, C_in) → (N, C_out), with its quantizers.</summary>
    string Layer(WeightLayer layer, string input);

    /// <summary>Batch norm by its running statistics, (N, C, H, W).</summary>
    string Normalized(BatchNorm2d norm, string input);

    /// <summary>ReLU.</summary>
    string Rectified(string input);

    /// <summary>a + b, of equal shapes.</summary>
    string Sum(string a, string b);

    /// <summary>One after the other along the channels.</summary>
    string Joined(IReadOnlyList<string> inputs);

    /// <summary>s_c · x + t_c for each channel c.</summary>
    string Scaled(string input, IReadOnlyList<float> scale, IReadOnlyList<float> shift);

    /// <summary>The largest of each window of kernel × kernel pixels; the padding never wins.</summary>
    /// <param name="input">(N, C, H, W).</param>
    /// <param name="kernel">Pixels.</param>
    /// <param name="stride">Pixels.</param>
    /// <param name="padding">Pixels on each side.</param>
    /// <param name="roundsUp">Whether a last window may reach over the edge.</param>
    string MaxPooled(string input, long kernel, long stride, long padding = 0, bool roundsUp = false);

    /// <summary>The mean of each window of kernel × kernel pixels, zeros of the padding counted.</summary>
    string MeanPooled(string input, long kernel, long stride, long padding = 0);

    /// <summary>The mean over all pixels, (N, C, H, W) → (N, C).</summary>
    string PixelMean(string input);

    /// <summary>Every second pixel, from the first, and <paramref name="added"/> channels of zeros before and after: option A of He et al. 2016.</summary>
    string EverySecondPixel(string input, long added);
}
