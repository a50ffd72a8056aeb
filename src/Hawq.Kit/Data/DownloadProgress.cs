namespace Hawq.Kit;

/// <summary>How far a download is.</summary>
/// <param name="What">What is fetched or done now.</param>
/// <param name="Bytes">Bytes so far.</param>
/// <param name="Total">Bytes in all, or <see langword="null"/> where the source does not say.</param>
public readonly record struct DownloadProgress(string What, long Bytes, long? Total);
