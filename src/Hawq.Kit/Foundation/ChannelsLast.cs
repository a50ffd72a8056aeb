using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>The memory layout in which the C numbers of a pixel lie side by side.</summary>
internal static class ChannelsLast
{
    /// <summary>Whether an (N, C, H, W) tensor lies so, without gaps.</summary>
    public static bool Is(Tensor tensor)
    {
        if (tensor.dim() != 4)
        {
            return false;
        }

        var (size, stride) = (tensor.shape, tensor.stride());
        return stride[1] == 1 && stride[3] == size[1] && stride[2] == size[1] * size[3] && stride[0] == size[1] * size[3] * size[2];
    }

    /// <summary>An (N, C, H, W) tensor in this layout: another handle of it, or a copy.</summary>
    public static Tensor Of(Tensor tensor) => Is(tensor) ? tensor.alias() : tensor.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
}
