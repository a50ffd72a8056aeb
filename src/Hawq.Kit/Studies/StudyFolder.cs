using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Hawq.Kit;

/// <summary>
/// The files of a study. A result is kept under a hash of all words that decide it, so that a changed setting is another file;
/// several processes may work in one folder.
/// </summary>
internal sealed class StudyFolder(string path)
{
    /// <summary>The kind of trainings.</summary>
    public const string Cells = "cells";

    private static readonly JsonSerializerOptions Style = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Short name for settings in words: 16 hex digits of their SHA-256.</summary>
    public static string NameOf(string fingerprint) => Hawq.Kit.Fingerprint.Of(fingerprint);

    /// <summary>The folder of a kind of result, by the words that decide it; it is made if it is missing.</summary>
    public string Of(string kind, string fingerprint) => Directory.CreateDirectory(Path.Combine(path, kind, NameOf(fingerprint))).FullName;

    /// <summary>The result that these words decide, or <see langword="null"/> if it is not yet there.</summary>
    /// <exception cref="InvalidDataException">The file is of other words, or damaged.</exception>
    public T? Read<T>(string kind, string fingerprint)
        where T : class
    {
        var file = ResultFile(kind, fingerprint);
        if (!File.Exists(file))
        {
            return null;
        }

        try
        {
            var kept = JsonSerializer.Deserialize<Kept<T>>(File.ReadAllBytes(file), Style)!;
            return kept.Fingerprint == fingerprint
                ? kept.Result
                : throw new InvalidDataException($"\"{file}\" is of {kept.Fingerprint}; expected {fingerprint}. Delete its folder.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"\"{file}\" is no result of a study: {error.Message} Delete its folder, and the work is done again.", error);
        }
    }

    /// <summary>Keeps a result, whole or not at all: with this file the work counts as done.</summary>
    public void Write<T>(string kind, string fingerprint, T result)
        where T : class =>
        AtomicFile.Write(ResultFile(kind, fingerprint), JsonSerializer.SerializeToUtf8Bytes(new Kept<T>(fingerprint, result), Style));

    /// <summary>The kept result, or else that of the work, which one process at a time does while the others wait.</summary>
    public T Remember<T>(string kind, string fingerprint, Func<T> work, CancellationToken cancellation)
        where T : class
    {
        while (Read<T>(kind, fingerprint) is null)
        {
            using var claim = TryClaim(kind, fingerprint);
            if (claim is null)
            {
                FileLock.Wait(cancellation);
            }
            else if (Read<T>(kind, fingerprint) is null)
            {
                Write(kind, fingerprint, work());
            }
        }

        return Read<T>(kind, fingerprint)!;
    }

    /// <summary>Takes the work for this process alone, until it is disposed; <see langword="null"/> if another has it.</summary>
    public IDisposable? TryClaim(string kind, string fingerprint) => FileLock.TryTake(Path.Combine(Of(kind, fingerprint), "lock"));

    private string ResultFile(string kind, string fingerprint) => Path.Combine(Of(kind, fingerprint), "result.json");

    private sealed record Kept<T>(string Fingerprint, T Result);
}
