namespace Hawq.Notebooks;

/// <summary>Something that was shown and can be changed in place.</summary>
/// <param name="id">Its display id.</param>
public sealed class DisplayedValue(string id)
{
    /// <summary>Shows another value in its place.</summary>
    /// <param name="value">Any value.</param>
    public void Update(object value) => Host.Update(id, value);
}
