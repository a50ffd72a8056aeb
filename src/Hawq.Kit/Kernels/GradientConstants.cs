namespace Hawq.Kit;

/// <summary>What the gradient of batch norm takes: four float32 numbers a channel.</summary>
internal readonly unsafe struct GradientConstants(float* mean, float* gain, float* slope, float* offset)
{
    /// <summary>Mean of the channel over the batch.</summary>
    public float* Mean => mean;

    /// <summary>γ / σ.</summary>
    public float* Gain => gain;

    /// <summary>−γ / σ³ · mean of g · (x − mean).</summary>
    public float* Slope => slope;

    /// <summary>−γ / σ · mean of g.</summary>
    public float* Offset => offset;
}
