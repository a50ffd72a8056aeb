using TorchSharp;

namespace Hawq.Kit;

/// <summary>Versions that run cards and notebooks name.</summary>
internal static class LibraryVersion
{
    public static string Kit { get; } = Of(typeof(LibraryVersion));

    public static string TorchSharp { get; } = Of(typeof(torch));

    private static string Of(Type type) => type.Assembly.GetName().Version!.ToString(3);
}
