using System.Security.Cryptography;
using System.Text;

namespace Hawq.Kit;

/// <summary>Short names of contents: the first 16 hex digits of a SHA-256.</summary>
internal static class Fingerprint
{
    public static string Of(ReadOnlySpan<byte> bytes) => Shortened(SHA256.HashData(bytes));

    public static string Of(string text) => Of(Encoding.UTF8.GetBytes(text));

    public static string Of(IncrementalHash hash) => Shortened(hash.GetHashAndReset());

    private static string Shortened(byte[] digest) => Convert.ToHexStringLower(digest)[..16];
}
