namespace Hawq.Kit;

/// <summary>Finds the pictures of a folder that has one sub-folder a class.</summary>
internal static class ImageFolderFiles
{
    private static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".bmp", ".webp"];

    /// <summary>
    /// Symbolic links are skipped, whatever they point to, so nothing outside of the root is ever read. So is what a leading dot hides:
    /// <c>.ipynb_checkpoints</c> is no class, yet it would sort first and shift the label of every other.
    /// </summary>
    private static EnumerationOptions WithoutLinksAndHidden(bool recurse) => new()
    {
        AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Hidden,
        RecurseSubdirectories = recurse,
        MaxRecursionDepth = 16,
        IgnoreInaccessible = false,
    };

    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static void RequireFolder(string root)
    {
        if (!Directory.Exists(root))
        {
            throw new DirectoryNotFoundException(
                $"No folder \"{root}\"; expected one with a sub-folder of pictures for each class, for example n01440764.");
        }
    }

    /// <summary>Names of the sub-folders, sorted by their bytes.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static IReadOnlyList<string> Classes(string root)
    {
        RequireFolder(root);
        return [.. new DirectoryInfo(root).EnumerateDirectories("*", WithoutLinksAndHidden(false)).Select(folder => folder.Name).Order(StringComparer.Ordinal)];
    }

    /// <summary>One picture of each class in turn, so that any beginning of the list is balanced.</summary>
    public static PictureEntry[] Find(string root, IReadOnlyList<string> classes)
    {
        var found = classes.SelectMany((name, label) => OfClass(root, name, label).Select((entry, k) => (entry, k)))
            .OrderBy(pair => pair.k).Select(pair => pair.entry).ToArray();
        return found.Length > 0
            ? found
            : throw new InvalidDataException(
                $"\"{root}\" has no picture in a folder of one of the {classes.Count} classes ({string.Join(", ", classes.Take(3))} …); expected " +
                $"files {string.Join(", ", Extensions)} in sub-folders that are named as the classes. Symbolic links are not followed, and names with a leading dot are skipped.");
    }

    private static IEnumerable<PictureEntry> OfClass(string root, string name, int label)
    {
        var folder = new DirectoryInfo(Path.Combine(root, name));
        return folder.Exists && !folder.Attributes.HasFlag(FileAttributes.ReparsePoint)
            ? folder.EnumerateFiles("*", WithoutLinksAndHidden(true))
                .Where(file => Extensions.Contains(file.Extension.ToLowerInvariant()))
                .Select(file => new PictureEntry(Path.GetRelativePath(root, file.FullName), label, file.Length))
                .OrderBy(entry => entry.Path, StringComparer.Ordinal)
            : [];
    }
}

/// <summary>A picture file.</summary>
/// <param name="Path">Relative to the root.</param>
/// <param name="Label">Class index.</param>
/// <param name="Length">Bytes of the file.</param>
internal readonly record struct PictureEntry(string Path, int Label, long Length);
