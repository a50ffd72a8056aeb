using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace Hawq.Kit.Tests;

/// <summary>Small things that several tests start from.</summary>
internal static class Given
{
    public static long LiveTensors => DisposeScopeManager.Statistics.ThreadTotalLiveCount;

    /// <summary>Takes a step once, then asserts that three more leave no tensor behind.</summary>
    public static void ShouldLeaveNoTensor(Action step)
    {
        step();
        var live = LiveTensors;
        Enumerable.Range(0, 3).ToList().ForEach(_ => step());
        LiveTensors.ShouldBe(live);
    }

    public static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", name);

    public static JsonElement Reference(string name) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "References", name))).RootElement;

    /// <summary>The repository, from the tests' own folder upwards.</summary>
    public static string Root
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder!.FullName, "Hawq.Kit.sln")))
            {
                folder = folder.Parent;
            }

            return folder.FullName;
        }
    }

    public static ImageSet Pictures => Cifar10.Read(Fixture("cifar10-train-256.bin"));

    /// <summary>A symmetric matrix with the given eigenvalues in a random basis.</summary>
    public static Tensor Symmetric(double[] spectrum, ulong seed)
    {
        using var generator = new Generator(seed);
        var (basis, _) = linalg.qr(randn([spectrum.Length, spectrum.Length], ScalarType.Float64, generator: generator));
        return basis.matmul(diag(tensor(spectrum))).matmul(basis.T);
    }

    /// <summary>linear(3, 4), tanh, linear(4, 2) in float64.</summary>
    public static nn.Module<Tensor, Tensor> TinyNetwork()
    {
        var model = nn.Sequential(
            ("a", nn.Linear(3, 4, dtype: ScalarType.Float64)), ("t", nn.Tanh()), ("b", nn.Linear(4, 2, dtype: ScalarType.Float64)));
        Randomize(model);
        return model;
    }

    public static void Randomize(nn.Module model)
    {
        using var generator = new Generator(7);
        using var _ = no_grad();
        foreach (var parameter in model.parameters())
        {
            parameter.copy_(randn(parameter.shape, ScalarType.Float64, generator: generator));
        }
    }

    /// <summary>Batches of the given sizes over always the same float64 samples.</summary>
    public static Batch[] TinyBatches(params int[] sizes)
    {
        using var generator = new Generator(3);
        var inputs = randn([sizes.Sum(), 3], ScalarType.Float64, generator: generator);
        var targets = randint(0, 2, [sizes.Sum()], ScalarType.Int64, generator: generator);
        var starts = sizes.Select((_, k) => sizes.Take(k).Sum()).ToArray();
        return [.. sizes.Select((size, k) => new Batch(
            inputs.narrow(0, starts[k], size).clone(), targets.narrow(0, starts[k], size).clone()))];
    }

    public static Tensor Dense(LinearOperator of)
    {
        using var unit = eye(of.Dimension, dtype: of.Type);
        return stack([.. Enumerable.Range(0, (int)of.Dimension).Select(k => of.Multiply(unit[k]))]);
    }

    public static double Distance(Tensor left, Tensor right) => (left - right).abs().max().ToNumber();
}

/// <summary>Calls back at once, on the same thread.</summary>
internal sealed class Listener<T>(Action<T> hear) : IProgress<T>
{
    public void Report(T value) => hear(value);
}
