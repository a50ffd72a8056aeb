using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>
/// Which analysis has a network at present. The hooks of two would feed each other, and each would take the other's settings for the
/// caller's, so whoever comes next takes the network over: a notebook's cell may well make an operator twice.
/// </summary>
internal static class NetworkOwners
{
    private static readonly ConditionalWeakTable<nn.Module, IDisposable> Owners = [];

    /// <summary>Disposes the analysis that has the network, which puts its settings back, and gives it to the next.</summary>
    public static void Take(nn.Module network, IDisposable next)
    {
        if (Owners.TryGetValue(network, out var earlier))
        {
            earlier.Dispose();
        }

        Owners.AddOrUpdate(network, next);
    }

    /// <summary>From here on an analysis does not have the network, if it has it still.</summary>
    public static void Leave(nn.Module network, IDisposable owner)
    {
        if (Owners.TryGetValue(network, out var present) && ReferenceEquals(present, owner))
        {
            Owners.Remove(network);
        }
    }
}
