using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Learning from a float network's outputs beside the labels; <see cref="BlockwiseFineTuning.WithDistillation"/> gives the loss.</summary>
/// <param name="Weight">α.</param>
/// <param name="Temperature">T.</param>
/// <param name="Memory">Answers as the teacher; <see langword="null"/> in a recipe whose runs ask a teacher of their own.</param>
internal sealed record Distillation(double Weight, double Temperature, TeacherMemory? Memory)
{
    public Tensor Loss(Tensor logits, Tensor inputs, Tensor labelLoss)
    {
        var target = nn.functional.softmax(Memory!.Answer(inputs) / Temperature, 1);         // (N, classes)
        var student = nn.functional.log_softmax(logits / Temperature, 1);
        var divergence = (target * (target.clamp(min: 1e-12).log() - student)).sum() / logits.shape[0];
        return ((1 - Weight) * labelLoss) + (Weight * Temperature * Temperature * divergence);
    }
}
