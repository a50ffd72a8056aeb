namespace Hawq.Notebooks;

/// <summary>What a line asks of the notebook rather than of the compiler.</summary>
internal enum DirectiveKind
{
    /// <summary><c>#!csharp</c>: the cell's language, which is the only one.</summary>
    Language,

    /// <summary><c>#!time</c>: show how long the cell took.</summary>
    Time,

    /// <summary><c>#!import FILE</c>: run another notebook's cells, or a file's code.</summary>
    Import,

    /// <summary><c>#i "nuget:SOURCE"</c>: one more source of packages.</summary>
    Source,

    /// <summary><c>#r "nuget:NAME, VERSION"</c>: a package.</summary>
    Package,

    /// <summary><c>#r "FILE"</c>: a library.</summary>
    Library,

    /// <summary><c>#load "FILE"</c>: a file's code.</summary>
    Load,

    /// <summary><c>#!</c> and anything else.</summary>
    Unknown,
}
