using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>The blocks that are done, saved whole after each.</summary>
internal sealed class CurvatureJournal
{
    private const double Rounding = 1e-4; // a loss on other threads or another CPU differs by less

    private readonly string? _path;
    private readonly string _fingerprint;
    private readonly double _loss;
    private readonly List<BlockCurvature> _results = [];

    /// <summary>Takes what is done from the file, if there is one.</summary>
    /// <exception cref="InvalidOperationException">The file is of another analysis.</exception>
    public CurvatureJournal(string? path, string fingerprint, double loss, IReadOnlyList<Block> blocks)
    {
        (_path, _fingerprint, _loss) = (path, fingerprint, loss);
        if (File.Exists(path))
        {
            Restore(path, blocks);
        }
    }

    /// <summary>What is done, in network order.</summary>
    public IReadOnlyList<BlockCurvature> Results => _results;

    /// <summary>Hessian products that it took.</summary>
    public long Products { get; private set; }

    /// <summary>Notes one more block, and saves.</summary>
    public void Add(BlockCurvature result, long products)
    {
        _results.Add(result);
        Products += products;
        if (_path is not null)
        {
            Save(_path);
        }
    }

    private void Save(string path)
    {
        using var scope = NewDisposeScope();
        var vectors = _results.Where(result => result.TopEigenvector is not null)
            .Select(result => (result.Block.Name, tensor(result.TopEigenvector!.ToArray())));
        Safetensors.Write(path, vectors, new Dictionary<string, string>
        {
            ["fingerprint"] = _fingerprint,
            ["loss"] = JsonSerializer.Serialize(_loss),
            ["products"] = JsonSerializer.Serialize(Products),
            ["blocks"] = JsonSerializer.Serialize(_results.Select(Saved.Of), Options),
        });
    }

    private void Restore(string path, IReadOnlyList<Block> blocks)
    {
        var metadata = Safetensors.ReadMetadata(path);
        if (metadata.GetValueOrDefault("fingerprint") is var found && found != _fingerprint)
        {
            throw new InvalidOperationException(
                $"\"{path}\" is the checkpoint of another analysis: it has {found ?? "no fingerprint"}; this analysis has {_fingerprint}. " +
                "Delete it, or give this analysis its own file.");
        }

        var other = _loss;
        if (metadata.TryGetValue("loss", out var text) && !double.TryParse(text, CultureInfo.InvariantCulture, out other))
        {
            throw new InvalidDataException($"\"{path}\" is damaged: its loss, \"{text}\", is no number. Delete it to measure from the start.");
        }

        if (Math.Abs(other - _loss) > Rounding * Math.Abs(_loss))
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"\"{path}\" is the checkpoint of another analysis: its mean loss is {other}, this one's {_loss}. Delete it, or give this analysis its own file."));
        }

        using var scope = NewDisposeScope();
        var vectors = Safetensors.Read(path);
        try
        {
            Products = JsonSerializer.Deserialize<long>(metadata.GetValueOrDefault("products", ""));
            var measured = JsonSerializer.Deserialize<List<Saved>>(metadata.GetValueOrDefault("blocks", ""), Options) ?? throw new JsonException("its blocks are null.");
            if (measured.Exists(saved => saved?.Eigenvalues is null))
            {
                throw new JsonException("one of its blocks is null.");
            }

            _results.AddRange(measured.Zip(blocks, (saved, block) =>
                saved.Over(block, vectors.TryGetValue(block.Name, out var vector) ? vector.data<float>().ToArray() : null)));
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"\"{path}\" is damaged: {error.Message} Delete it to measure from the start.", error);
        }
    }

    private static JsonSerializerOptions Options { get; } =
        new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, IncludeFields = true }; // a tuple's parts are fields

    /// <summary>A block's numbers without its weights.</summary>
    private sealed record Saved(IReadOnlyList<Eigenpair> Eigenvalues, Estimate? Trace, SpectralDensity? Density, Estimate? Fisher)
    {
        public static Saved Of(BlockCurvature from) => new(from.Eigenvalues, from.Trace, from.Density, from.Fisher);

        public BlockCurvature Over(Block block, float[]? vector) =>
            new(block, Eigenvalues, Trace) { Density = Density, Fisher = Fisher, TopEigenvector = vector };
    }
}
