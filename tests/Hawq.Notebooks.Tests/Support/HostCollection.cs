namespace Hawq.Notebooks.Tests;

/// <summary>Names the collection of tests that run cells in this process, one after another: it has one running cell.</summary>
[CollectionDefinition(nameof(HostCollection))]
public sealed class HostCollection;
