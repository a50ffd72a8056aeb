namespace Hawq.Notebooks;

/// <summary>
/// What <c>#r "nuget:ID, VERSION"</c> refers to: a package is served from what the loaded libraries and the engine carry, so that there is
/// one copy of each in the process; else it is restored.
/// </summary>
internal static class PackageReference
{
    private static readonly string Engine = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);

    /// <summary>The files to reference, and what the user should know where they are of another version.</summary>
    /// <param name="package">The directive.</param>
    /// <param name="libraries">Folders of libraries that the same cell references.</param>
    /// <param name="packages">Restores it where nobody carries it.</param>
    /// <exception cref="NotebookException">It is not the id of a package, or there is no such package.</exception>
    public static (IReadOnlyList<string> Paths, string? Note) Resolve(CellDirective package, IEnumerable<string> libraries, PackageRestore packages)
    {
        PackageRestore.Check(package.Target, package.Version); // first: an id with slashes would be looked up as a path
        var folders = Loaded().Append(Engine).Concat(libraries).Distinct().ToList();
        if (folders.Find(folder => File.Exists(Library(folder, package))) is { } carrier)
        {
            return ([Library(carrier, package)], Note(package, carrier));
        }

        var restored = packages.Assemblies(package.Target, package.Version);
        return ([.. restored.Where(path => !folders.Exists(folder => File.Exists(Path.Combine(folder, Path.GetFileName(path)))))], null);
    }

    private static IEnumerable<string> Loaded() =>
        AppDomain.CurrentDomain.GetAssemblies().Where(assembly => !assembly.IsDynamic && assembly.Location.Length > 0).Select(assembly => Path.GetDirectoryName(assembly.Location)!);

    private static string Library(string folder, CellDirective package) => Path.Combine(folder, package.Target + ".dll");

    private static string? Note(CellDirective package, string carrier)
    {
        if (package.Version.Length == 0 || CarriedVersion.Of(package.Target, carrier) is not { } carried || CarriedVersion.AreSame(package.Version, carried))
        {
            return null;
        }

        var who = carrier == Engine ? "the engine carries" : "a library that this notebook loads brings";
        return $"#r \"nuget:{package.Target}, {package.Version}\": {who} {package.Target} {carried}, which is used; one process holds one copy.";
    }
}
