using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Scripting;

namespace Hawq.Notebooks;

/// <summary>
/// Resolves the references of all cells, each assembly once. Roslyn asks anew for every submission which file an assembly that a
/// reference needs is, and would keep another copy of its metadata for each: some 300 kB a cell.
/// </summary>
internal sealed class CachedReferences(ScriptMetadataResolver inner) : MetadataReferenceResolver
{
    private readonly ConcurrentDictionary<string, PortableExecutableReference?> _missing = new();
    private readonly ConcurrentDictionary<(string, string?, MetadataReferenceProperties), ImmutableArray<PortableExecutableReference>> _named = new();

    public override bool ResolveMissingAssemblies => inner.ResolveMissingAssemblies;

    public override PortableExecutableReference? ResolveMissingAssembly(MetadataReference definition, AssemblyIdentity referenceIdentity) =>
        _missing.GetOrAdd(referenceIdentity.GetDisplayName(), _ => inner.ResolveMissingAssembly(definition, referenceIdentity));

    public override ImmutableArray<PortableExecutableReference> ResolveReference(string reference, string? baseFilePath, MetadataReferenceProperties properties)
    {
        var key = (reference, baseFilePath, properties);
        if (_named.TryGetValue(key, out var known))
        {
            return known;
        }

        var found = inner.ResolveReference(reference, baseFilePath, properties);
        if (!found.IsDefaultOrEmpty)
        {
            _named[key] = found; // a file that is not there yet is looked for again
        }

        return found;
    }

    public override bool Equals(object? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}
