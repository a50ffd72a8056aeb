using System.Security.Cryptography;
using System.Text;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>A short name of a network's whole state: parameters and buffers with their names.</summary>
internal static class ModelFingerprint
{
    public static string Of(nn.Module model)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var scope = NewDisposeScope();
        foreach (var (name, value) in model.state_dict())
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name));
            hash.AppendData(value.detach().cpu().contiguous().bytes.ToArray());
        }

        return Fingerprint.Of(hash);
    }
}
