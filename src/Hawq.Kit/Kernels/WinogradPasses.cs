namespace Hawq.Kit;

/// <summary>The loops of <see cref="WinogradConvolution"/> for one width of registers. Both widths give the same numbers, to the bit.</summary>
internal sealed unsafe class WinogradPasses
{
    /// <summary>With <see cref="Register512"/>.</summary>
    public static readonly WinogradPasses Wide = Of<Register512>(&WideTileProduct.Rows, &WideTileProduct.AddOuter);

    /// <summary>With <see cref="Register256"/>.</summary>
    public static readonly WinogradPasses Narrow = Of<Register256>(&NarrowTileProduct.Rows, &NarrowTileProduct.AddOuter);

    private WinogradPasses()
    {
    }

    /// <summary>With the widest registers that the CPU has.</summary>
    public static WinogradPasses Widest => Register512.IsSupported ? Wide : Narrow;

    /// <summary>Channels that a transform takes at once.</summary>
    public required int Width { get; init; }

    /// <summary><see cref="WinogradTransforms{TRegister}.Input"/>.</summary>
    public required delegate*<in Tile, int, float*, float*, int, void> Input { get; init; }

    /// <summary><see cref="WinogradTransforms{TRegister}.Output"/>.</summary>
    public required delegate*<in Tile, int, float*, float*, int, void> Output { get; init; }

    /// <summary><see cref="WinogradTransforms{TRegister}.Gradient"/>.</summary>
    public required delegate*<in Tile, int, float*, float*, int, void> Gradient { get; init; }

    /// <summary><see cref="WinogradKernels{TRegister}.Expand"/>.</summary>
    public required delegate*<nint, nint, int, void> Expand { get; init; }

    /// <summary><see cref="WinogradKernels{TRegister}.Contract"/>.</summary>
    public required delegate*<nint, nint, int, void> Contract { get; init; }

    /// <summary><see cref="WideTileProduct.Rows"/>.</summary>
    public required delegate*<float*, float*, int, int, float*, void> Rows { get; init; }

    /// <summary><see cref="WideTileProduct.AddOuter"/>.</summary>
    public required delegate*<float*, float*, int, float*, int, void> AddOuter { get; init; }

    private static WinogradPasses Of<TRegister>(
        delegate*<float*, float*, int, int, float*, void> rows, delegate*<float*, float*, int, float*, int, void> addOuter)
        where TRegister : unmanaged, IRegister<TRegister> => new()
        {
            Width = TRegister.Width,
            Input = &WinogradTransforms<TRegister>.Input,
            Output = &WinogradTransforms<TRegister>.Output,
            Gradient = &WinogradTransforms<TRegister>.Gradient,
            Expand = &WinogradKernels<TRegister>.Expand,
            Contract = &WinogradKernels<TRegister>.Contract,
            Rows = rows,
            AddOuter = addOuter,
        };
}
