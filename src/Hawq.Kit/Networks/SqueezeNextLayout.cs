namespace Hawq.Kit;

/// <summary>Which of the two published definitions of SqueezeNext.</summary>
public enum SqueezeNextLayout
{
    /// <summary>pytorchcv's, HAWQ's baseline: every convolution has a bias, and the stem and the last convolution widen with the others.</summary>
    Pytorchcv,

    /// <summary>
    /// The authors' Caffe prototxt (github.com/amirgholami/SqueezeNext): no biases, 64 channels in the stem and 128 at the end whatever
    /// the width, the 3×1 and 1×3 kernels in turn first; in 23v5 a 5×5 stem, and main paths that begin behind the projection.
    /// </summary>
    Caffe,

    /// <summary>The authors' 1.0-G-SqNxt-23: as <see cref="Caffe"/>, the first 1×1, the 3×1 and the 1×3 convolution of a unit in two groups.</summary>
    CaffeGrouped,
}
