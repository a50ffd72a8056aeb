using System.Security.Cryptography;
using System.Text;

namespace Hawq.Notebooks;

/// <summary>Signs messages with HMAC-SHA256 over header, parent header, metadata and content, as lower-case hexadecimal digits.</summary>
/// <param name="key">The connection file's key; an empty one leaves messages unsigned.</param>
internal sealed class MessageSigner(string key)
{
    private readonly byte[] _key = Encoding.UTF8.GetBytes(key);

    /// <summary>Signature of four parts; empty without a key.</summary>
    public byte[] Sign(IEnumerable<byte[]> parts)
    {
        if (_key.Length == 0)
        {
            return [];
        }

        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        foreach (var part in parts)
        {
            hash.AppendData(part);
        }

        return Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>Whether a signature is right; compared in constant time, so that it cannot be guessed digit by digit.</summary>
    public bool IsRight(byte[] signature, IEnumerable<byte[]> parts) =>
        _key.Length == 0 || CryptographicOperations.FixedTimeEquals(signature, Sign(parts));
}
