namespace Hawq.Kit;

/// <summary>How far a study is.</summary>
/// <param name="Cell">The cell at work, or that was done last; while curvature or a change of the loss is measured, which.</param>
/// <param name="Done">Trainings done, by this process or another. Cells with the same bits and settings share one.</param>
/// <param name="Total">Trainings in all; while curvature or a change of the loss is measured, at most these.</param>
/// <param name="Training">How far the training at work is; <see langword="null"/> between trainings.</param>
public readonly record struct StudyProgress(string Cell, int Done, int Total, TrainingProgress? Training);
