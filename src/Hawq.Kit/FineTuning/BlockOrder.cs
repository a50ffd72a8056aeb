namespace Hawq.Kit;

/// <summary>In which order the blocks are quantized and fine-tuned.</summary>
public enum BlockOrder
{
    /// <summary>Largest Ω = λ‖Q(W) − W‖² first: HAWQ's order (Dong et al. 2019, Algorithm 2).</summary>
    MostSensitiveFirst,

    /// <summary>Smallest Ω first: the paper's "HAWQ-Reverse-Tuning" ablation.</summary>
    LeastSensitiveFirst,

    /// <summary>From the network's input to its output.</summary>
    NetworkOrder,

    /// <summary>All blocks in one stage: ordinary quantization-aware training.</summary>
    AllAtOnce,

    /// <summary>A random order, drawn from the run's seed: the baseline that knows nothing of Ω.</summary>
    Random,
}
