using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Learning from a float network's outputs beside the labels; <see cref="BlockwiseFineTuning.WithDistillation"/> gives the loss.</summary>
/// <param name="Weight">α.</param>
/// <param name="Temperature">T.</param>
/// <param name="Memory">Answers as the teacher; <see langword="null"/> in a recipe whose runs ask a teacher of their own.</param>
internal sealed record Distillation(double Weight, double Temperature, TeacherMemory? Memory)
{
    /// <exception cref="ArgumentOutOfRangeException">α or T is outside its range.</exception>
    public static Distillation Of(double weight, double temperature, TeacherMemory? memory) =>
        !(weight is >= 0 and <= 1) ? throw new ArgumentOutOfRangeException(nameof(weight), weight, "Expected the teacher's share α, from 0 to 1.")
        : !(temperature > 0 && double.IsFinite(temperature)) ? throw new ArgumentOutOfRangeException(nameof(temperature), temperature, "Expected a temperature T above 0.")
        : new(weight, temperature, memory);

    public Tensor Loss(Tensor logits, Tensor inputs, Tensor labelLoss)
    {
        var target = nn.functional.softmax(Memory!.Answer(inputs) / Temperature, 1);         // (N, classes)
        var student = nn.functional.log_softmax(logits / Temperature, 1);
        var divergence = (target * (target.clamp(min: 1e-12).log() - student)).sum() / logits.shape[0];
        return ((1 - Weight) * labelLoss) + (Weight * Temperature * Temperature * divergence);
    }
}
