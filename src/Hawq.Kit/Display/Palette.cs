namespace Hawq.Kit;

/// <summary>Colours that are told apart on white and on near-black pages, also by colour-blind readers (after Okabe and Ito).</summary>
internal static class Palette
{
    /// <summary>Axes, ticks and text: contrast above 4 on white and on #111.</summary>
    public const string Ink = "#767676";

    /// <summary>Grid lines.</summary>
    public const string Grid = "rgba(128,128,128,0.3)";

    /// <summary>Grid lines of surfaces: WebGL blends a see-through colour with white and loses it on light pages.</summary>
    public const string SolidGrid = "#8c8c8c";

    /// <summary>Colours of lines and bars, in order.</summary>
    public static IReadOnlyList<string> Series { get; } =
        ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8a6fd1"];

    /// <summary>Colours of numbers from small to large, told apart in grey too (cividis).</summary>
    public static IReadOnlyList<string> Heat { get; } =
        ["#00224e", "#35456c", "#666970", "#948e77", "#c8b866", "#fee838"];
}
