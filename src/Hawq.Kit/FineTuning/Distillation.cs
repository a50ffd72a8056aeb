using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Learning from a float network's outputs beside the labels (Hinton et al. 2015).</summary>
/// <remarks>
/// Loss = (1 − α) · CE(student, labels) + α · T² · KL(softmax(teacher / T) ‖ softmax(student / T)), the divergence summed over
/// classes and averaged over pictures. HAWQ-V1 does not mention distillation; V3 uses it.
/// </remarks>
/// <param name="Teacher">The float network; used in evaluation mode, without gradient.</param>
/// <param name="Weight">α, between 0 and 1.</param>
/// <param name="Temperature">T, above 0.</param>
public sealed record Distillation(nn.Module<Tensor, Tensor> Teacher, double Weight = 0.7, double Temperature = 4)
{
    /// <summary>Where the teacher's outputs are kept for other trainings; <see langword="null"/> to ask it each time.</summary>
    internal TeacherMemory? Memory { get; init; }

    internal Tensor Loss(Tensor logits, Tensor inputs, Tensor labelLoss)
    {
        var target = nn.functional.softmax((Memory?.Answer(inputs) ?? Answer(inputs)) / Temperature, 1); // (N, classes)
        var student = nn.functional.log_softmax(logits / Temperature, 1);
        var divergence = (target * (target.clamp(min: 1e-12).log() - student)).sum() / logits.shape[0];
        return ((1 - Weight) * labelLoss) + (Weight * Temperature * Temperature * divergence);
    }

    private Tensor Answer(Tensor inputs)
    {
        Teacher.eval();
        return cat([.. Enumerable.Range(0, TeacherAnswer.PartsOf(inputs)).Select(part => TeacherAnswer.Part(Teacher, inputs, part))]);
    }
}
