using System.Runtime.CompilerServices;

namespace Hawq.Kit;

/// <summary>A 3 × 3 convolution with stride 1 and a border of 1, and its gradients, at a quarter of the multiplications.</summary>
/// <remarks>
/// Winograd's F(4 × 4, 3 × 3): 36 products take the place of 144 for each tile of 4 × 4 pixels and pair of channels. Its rounding
/// error is some ten times that of the direct sum, about 1e-5 of the largest value, far below the noise of a training step.
/// </remarks>
/// <param name="pictures">Number of pictures.</param>
/// <param name="height">Rows of a picture.</param>
/// <param name="width">Columns of a picture.</param>
/// <param name="passes">Its loops.</param>
internal sealed unsafe class WinogradConvolution(int pictures, int height, int width, WinogradPasses passes)
{
    private const int Lanes = 16;
    private const int TilesOfBlock = 16;
    private const int BlocksOfPart = 8;
    private const int MostSums = 8;
    private const int Positions = 36;
    private const int Work = Positions * Lanes;

    private readonly int _across = (width + 3) / 4;
    private readonly int _down = (height + 3) / 4;

    private int Tiles => pictures * _across * _down;

    private int Blocks => (Tiles + TilesOfBlock - 1) / TilesOfBlock;

    /// <summary>How many partial sums a weight's gradient has. It depends on the sizes alone, so that the total is the same with any number of threads.</summary>
    public int SumCount => Math.Clamp(Blocks / BlocksOfPart, 1, MostSums);

    /// <summary>y = x ∗ W.</summary>
    /// <param name="x">(N, H, W, inputs).</param>
    /// <param name="inputs">A multiple of 16.</param>
    /// <param name="weights">G W Gᵀ, (36, inputs, outputs).</param>
    /// <param name="y">(N, H, W, outputs).</param>
    /// <param name="outputs">A multiple of 16.</param>
    public void Forward(nint x, int inputs, nint weights, nint y, int outputs) =>
        TorchThreads.Run((Blocks + BlocksOfPart - 1) / BlocksOfPart, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (part) =>
        {
            var work = AlignedScratch.Numbers(Work + (Positions * (Plane(inputs) + Plane(outputs))));
            var read = work + Work;
            var products = read + (Positions * Plane(inputs));
            for (var block = part * BlocksOfPart; block < Math.Min(Blocks, (part + 1) * BlocksOfPart); block++)
            {
                Transform(passes.Input, x, inputs, block, work, read);
                for (var position = 0; position < Positions; position++)
                {
                    var kernels = (float*)weights + (position * inputs * outputs);
                    Multiply(read + (position * Plane(inputs)), inputs, kernels, products + (position * Plane(outputs)), outputs);
                }

                Transform(passes.Output, y, outputs, block, work, products);
            }
        });

    /// <summary>Partial sums of Σ over tiles of (Bᵀ x B) ⊗ (A g Aᵀ), from whose total the weight's gradient is Gᵀ · G.</summary>
    /// <param name="x">(N, H, W, inputs).</param>
    /// <param name="inputs">A multiple of 16.</param>
    /// <param name="gradient">∂L/∂y, (N, H, W, outputs).</param>
    /// <param name="outputs">A multiple of 16.</param>
    /// <param name="sums">(<see cref="SumCount"/>, 36, inputs, outputs), zeros before.</param>
    public void WeightGradient(nint x, int inputs, nint gradient, int outputs, nint sums) => TorchThreads.Run(SumCount, part => AddBlocks(
        x, inputs, gradient, outputs, (part * Blocks / SumCount, (part + 1) * Blocks / SumCount), (float*)sums + ((nint)part * Positions * inputs * outputs)));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddBlocks(nint x, int inputs, nint gradient, int outputs, (int First, int End) blocks, float* sums)
    {
        var work = AlignedScratch.Numbers(Work + (Positions * (Plane(inputs) + Plane(outputs))));
        var read = work + Work;
        var gradients = read + (Positions * Plane(inputs));
        for (var block = blocks.First; block < blocks.End; block++)
        {
            Transform(passes.Input, x, inputs, block, work, read);
            Transform(passes.Gradient, gradient, outputs, block, work, gradients);
            for (var position = 0; position < Positions; position++)
            {
                var left = read + (position * Plane(inputs));
                var right = gradients + (position * Plane(outputs));
                var sum = sums + (position * inputs * outputs);
                for (var i = 0; i < inputs; i += Lanes)
                {
                    for (var o = 0; o < outputs; o += Lanes)
                    {
                        passes.AddOuter(left + (i * TilesOfBlock), right + (o * TilesOfBlock), TilesOf(block), sum + (i * outputs) + o, outputs);
                    }
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Multiply(float* left, int inputs, float* weights, float* products, int outputs)
    {
        for (var o = 0; o < outputs; o += Lanes)
        {
            passes.Rows(left, weights + o, outputs, inputs, products + (o * TilesOfBlock));
        }
    }

    /// <summary>One of <see cref="WinogradTransforms{TRegister}"/> for all channels of a block's tiles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Transform(delegate*<in Tile, int, float*, float*, int, void> map, nint images, int channels, int block, float* work, float* values)
    {
        var (picture, place) = Math.DivRem(block * TilesOfBlock, _across * _down);
        var (row, column) = Math.DivRem(place, _across);
        var (ofPicture, tiles) = ((nint)height * width * channels * sizeof(float), TilesOf(block));
        images += picture * ofPicture;
        for (var t = 0; t < tiles; t++)
        {
            var tile = new Tile(images, row * 4, column * 4, height, width, channels);
            tile.FetchBelow();
            for (var c = 0; c < channels; c += passes.Width)
            {
                var group = values + (c / Lanes * Lanes * TilesOfBlock);
                map(in tile, c, work, group + (t * Lanes) + (c % Lanes), Plane(channels));
            }

            column = column + 1 == _across ? 0 : column + 1;
            row += column == 0 ? 1 : 0;
            if (row == _down)
            {
                (row, images) = (0, images + ofPicture);
            }
        }
    }

    /// <summary>Numbers of one position in a block of tiles, and a line more: at powers of two all positions would fall into one set of the cache.</summary>
    private static int Plane(int channels) => (TilesOfBlock * channels) + Lanes;

    private int TilesOf(int block) => Math.Min(TilesOfBlock, Tiles - (block * TilesOfBlock));
}
