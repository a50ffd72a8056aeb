namespace Hawq.Kit;

/// <summary>Random changes of training pictures: a crop after zero padding, and a horizontal flip.</summary>
/// <param name="Padding">Pixels of zero padding on each side before the crop; 4 is the usual choice (He et al. 2016).</param>
/// <param name="Flip">Whether half of the pictures are mirrored.</param>
public sealed record Augmentation(int Padding, bool Flip)
{
    /// <summary>Pad 4, random crop, random flip.</summary>
    public static Augmentation CropAndFlip { get; } = new(4, true);

    /// <summary>Pictures as they are.</summary>
    public static Augmentation None { get; } = new(0, false);
}
