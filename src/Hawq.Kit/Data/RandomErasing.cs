using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Random erasing (Zhong et al. 2020, algorithm 1): a rectangle of a picture takes the mean colour, which is 0 once normalised.</summary>
/// <remarks>
/// The rectangle has 2 to 40 % of the picture's area and a ratio of its sides from 0.3 to 1 / 0.3, as in the paper. The ratio is drawn
/// evenly in its logarithm, so that flat and tall ones are as frequent; the paper draws it evenly.
/// </remarks>
internal static class RandomErasing
{
    private const double LeastShare = 0.02;
    private const double MostShare = 0.4;
    private const double LeastRatio = 0.3;

    /// <summary>Erases in the batches of a pass, in place; which and where follows from seed, epoch and the batch's number.</summary>
    public static IEnumerable<Batch> Erased(this IEnumerable<Batch> batches, Augmentation augmentation, long seed, int epoch) =>
        augmentation.Erasing == 0 ? batches : batches.Select((batch, number) =>
        {
            var random = new SplitMix64(seed ^ ((long)(number + 1) << 40), epoch + 1);
            for (long k = 0; k < batch.Size; k++)
            {
                if (random.Unit() < augmentation.Erasing)
                {
                    Erase(batch.Inputs, k, ref random);
                }
            }

            return batch;
        });

    private static void Erase(Tensor inputs, long k, ref SplitMix64 random)
    {
        using var scope = NewDisposeScope();
        var (height, width) = ((int)inputs.shape[2], (int)inputs.shape[3]);
        var (rows, columns) = Sides(height, width, ref random);
        var (top, left) = (random.Below(height - rows + 1), random.Below(width - columns + 1));
        inputs[k].slice(1, top, top + rows, 1).slice(2, left, left + columns, 1).zero_();   // (C, rows, columns)
    }

    /// <summary>Height and width of a rectangle within the picture; drawn again where one is too long.</summary>
    private static (int Height, int Width) Sides(int height, int width, ref SplitMix64 random)
    {
        while (true)
        {
            var area = height * width * (LeastShare + ((MostShare - LeastShare) * random.Unit()));
            var ratio = Math.Exp(Math.Log(LeastRatio) * ((2 * random.Unit()) - 1));
            var (rows, columns) = ((int)Math.Round(Math.Sqrt(area * ratio)), (int)Math.Round(Math.Sqrt(area / ratio)));
            if (rows < height && columns < width)
            {
                return (rows, columns);
            }
        }
    }
}
