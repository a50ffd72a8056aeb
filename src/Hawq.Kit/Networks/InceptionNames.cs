using System.Globalization;
using System.Text.RegularExpressions;

namespace Hawq.Kit;

/// <summary>Tensors of Inception-V3 as pytorchcv's checkpoints name them.</summary>
/// <remarks>
/// pytorchcv counts stages, units, branches and convolutions from 1, in torchvision's order: <c>features.stage2.unit1</c> is
/// <c>Mixed_6a</c>, its <c>branches.branch2.conv_list.conv3.bn.bias</c> is <c>branch3x3dbl_3.bn.bias</c>.
/// </remarks>
internal static partial class InceptionNames
{
    private static readonly int[] StageSizes = [3, 5, 3];

    /// <summary>torchvision's name of a tensor that pytorchcv names; other names stay.</summary>
    public static string InTorchvision(string fileName)
    {
        if (StemName().Match(fileName) is { Success: true } stem)
        {
            return $"{InceptionV3.StemShapes[Number(stem, 1) - 1].Name}.{stem.Groups[2].Value}";
        }

        var mixed = MixedName().Match(fileName);
        return mixed.Success && Place(mixed) is { } place ? $"{place}.{mixed.Groups[6].Value}"
            : fileName.StartsWith("output.fc.", StringComparison.Ordinal) ? fileName["output.".Length..]
            : fileName;
    }

    /// <summary>Module and convolution, or <see langword="null"/> where the numbers are of none.</summary>
    private static string? Place(Match match)
    {
        var (stage, unit, branch) = (Number(match, 1) - 1, Number(match, 2) - 1, Number(match, 3) - 1);
        if (unit >= StageSizes[stage])
        {
            return null;
        }

        var (module, branches) = InceptionV3.MixedModules[StageSizes.Take(stage).Sum() + unit];
        var chain = branches.ElementAtOrDefault(branch)?.Chain ?? [];
        var convolution = match.Groups[5].Value switch
        {
            "1x3" => branches.ElementAtOrDefault(branch)?.Fork.ElementAtOrDefault(0).Name,
            "3x1" => branches.ElementAtOrDefault(branch)?.Fork.ElementAtOrDefault(1).Name,
            _ => chain.ElementAtOrDefault(match.Groups[4].Success ? Number(match, 4) - 1 : 0).Name,
        };
        return convolution is null ? null : $"{module}.{convolution}";
    }

    private static int Number(Match match, int group) => int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^features\.init_block\.conv([1-5])\.(.+)$")]
    private static partial Regex StemName();

    [GeneratedRegex(@"^features\.stage([1-3])\.unit([1-9])\.branches\.branch([1-9])\.conv(?:_list\.conv([1-9])|(1x3|3x1))?\.((?:conv|bn)\..+)$")]
    private static partial Regex MixedName();
}
