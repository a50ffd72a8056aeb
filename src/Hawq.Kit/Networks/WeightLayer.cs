using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>
/// A layer with a weight tensor: the unit that quantization acts on. It holds two empty places, for a quantizer of its
/// weight and one of its input, so a float network becomes a quantized one in place, with its parameter names unchanged.
/// </summary>
/// <remarks>Parameter names are those of PyTorch (<c>weight</c>, <c>bias</c>), so published checkpoints load by name.</remarks>
public abstract class WeightLayer : nn.Module<Tensor, Tensor>
{
    /// <summary>Registers the parameters and draws the weight (Kaiming normal, fan-in) from <paramref name="generator"/>.</summary>
    private protected WeightLayer(string name, long[] shape, bool bias, Generator generator)
        : base(name)
    {
        var fanIn = shape.Skip(1).Aggregate(1L, (product, size) => product * size);
        register_parameter("weight", new Parameter(randn(shape, generator: generator).mul_(Math.Sqrt(2.0 / fanIn))));
        if (bias)
        {
            register_parameter("bias", new Parameter(zeros(shape[0])));
        }
    }

    /// <summary>The float weight: (C_out, C_in / groups, K_h, K_w) of a convolution, (C_out, C_in) of a linear layer.</summary>
    /// <remarks>Read from the register, since a move to another device or type puts another object there.</remarks>
    public Parameter Weight => get_parameter("weight")!;

    /// <summary>The bias, (C_out), or <see langword="null"/>.</summary>
    public Parameter? Bias => get_parameter("bias");

    /// <summary>What the weight passes before it is used; <see langword="null"/> in a float layer.</summary>
    public nn.Module<Tensor, Tensor>? WeightQuantizer { get; private set; }

    /// <summary>What the input passes before it is used; <see langword="null"/> in a float layer.</summary>
    public nn.Module<Tensor, Tensor>? InputQuantizer { get; private set; }

    /// <summary>The integers that the weight was loaded from, if a file of a quantized network gave it.</summary>
    internal IWeightCodes? Codes { get; set; }

    /// <summary>Whether a quantizer of the weight or the input is attached.</summary>
    public bool IsQuantized => WeightQuantizer is not null || InputQuantizer is not null;

    /// <summary>Attaches quantizers. They become sub-modules, so their learned parameters train and save with the network.</summary>
    /// <param name="weight">Quantizer of the weight, or <see langword="null"/> to leave it float.</param>
    /// <param name="input">Quantizer of the input, or <see langword="null"/> to leave it float.</param>
    /// <exception cref="InvalidOperationException">The layer is quantized already.</exception>
    public void Attach(nn.Module<Tensor, Tensor>? weight, nn.Module<Tensor, Tensor>? input)
    {
        if (IsQuantized)
        {
            throw new InvalidOperationException(
                $"Layer \"{GetName()}\" is quantized already; a layer takes its quantizers once. Start from a clone of the float network.");
        }

        WeightQuantizer = weight;
        InputQuantizer = input;
        if (weight is not null)
        {
            register_module("weight_quantizer", weight);
        }

        if (input is not null)
        {
            register_module("input_quantizer", input);
        }
    }

    /// <inheritdoc/>
    public sealed override Tensor forward(Tensor input) =>
        Apply(
            InputQuantizer is null ? input : InputQuantizer.call(input),
            WeightQuantizer is null ? Weight : WeightQuantizer.call(Weight));

    /// <summary>The float computation of the layer, with the given input and weight.</summary>
    private protected abstract Tensor Apply(Tensor input, Tensor weight);
}
