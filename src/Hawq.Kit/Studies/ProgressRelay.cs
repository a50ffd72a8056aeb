namespace Hawq.Kit;

/// <summary>Hears at once and on the same thread, unlike <see cref="Progress{T}"/>.</summary>
internal sealed class ProgressRelay<T>(Action<T> hear) : IProgress<T>
{
    public void Report(T value) => hear(value);
}
