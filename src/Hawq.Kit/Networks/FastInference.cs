namespace Hawq.Kit;

/// <summary>
/// While it lasts, convolutions on this thread take the path of a training step, <see cref="WinogradMaps"/>, though the network is in
/// evaluation mode: for a teacher, whose outputs need no more digits than those of the network that learns from them.
/// </summary>
internal sealed class FastInference : IDisposable
{
    [ThreadStatic]
    private static bool _isOn;

    public FastInference() => _isOn = true;

    /// <summary>Whether it lasts on this thread.</summary>
    public static bool IsOn => _isOn;

    public void Dispose() => _isOn = false;
}
