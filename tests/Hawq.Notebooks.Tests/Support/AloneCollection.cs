namespace Hawq.Notebooks.Tests;

/// <summary>Names the collection of tests that measure this process: they run when no other test does.</summary>
[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public sealed class AloneCollection;
