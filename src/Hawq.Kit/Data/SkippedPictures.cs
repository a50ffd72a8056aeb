namespace Hawq.Kit;

/// <summary>Pictures that could not be decoded, each once; more than the limit end the reading.</summary>
internal sealed class SkippedPictures(int limit)
{
    private readonly SortedDictionary<string, string> _reasons = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Listed
    {
        get
        {
            lock (_reasons)
            {
                return [.. _reasons.Select(pair => $"{pair.Key}: {pair.Value}")];
            }
        }
    }

    /// <exception cref="InvalidDataException">The limit is passed.</exception>
    public void Add(string path, string reason)
    {
        lock (_reasons)
        {
            _reasons[path] = reason;
            if (_reasons.Count > limit)
            {
                throw new InvalidDataException(
                    $"{_reasons.Count} pictures could not be decoded; expected at most {limit}. {string.Join("; ", Listed.Take(8))}. " +
                    "Restore the files, or allow more with WithCorruptLimit.");
            }
        }
    }
}
