using Onnx;
using TorchSharp.Modules;
using static TorchSharp.torch;
using AttributeType = Onnx.AttributeProto.Types.AttributeType;
using Dimension = Onnx.TensorShapeProto.Types.Dimension;

namespace Hawq.Kit;

/// <summary>Collects a network's operations as the nodes of an ONNX graph.</summary>
internal sealed class OnnxGraph : INetworkGraph
{
    private readonly Dictionary<nn.Module, string> _names = [];
    private readonly HashSet<string> _taken = [];

    /// <param name="network">The network that will tell its operations.</param>
    /// <param name="input">Name of its input.</param>
    public OnnxGraph(Network network, string input)
    {
        Note(network, "");
        Proto = new GraphProto { Name = network.Architecture };
        var weight = network.WeightLayers()[0].Layer;
        var channels = weight is ConvolutionLayer convolution ? convolution.Shape.In : weight.Weight.shape[1];
        Proto.Input.Add(Value(Unused(input), weight is ConvolutionLayer ? ["N", channels, "H", "W"] : ["N", channels]));
    }

    /// <summary>The graph so far.</summary>
    public GraphProto Proto { get; }

    /// <summary>Bits of the weight and of the input of each layer, 32 for float.</summary>
    public Dictionary<string, LayerBits> Bits { get; } = [];

    public void End(string value, string output)
    {
        Proto.Output.Add(Value(Node("Identity", output, [value]), ["N", "classes"]));
    }

    public string Layer(WeightLayer layer, string input)
    {
        var name = _names[layer];
        var read = OnnxQuantizers.Input(this, name, layer.InputQuantizer, input, out var inputBits);
        var weight = OnnxQuantizers.Weight(this, name, layer, out var weightBits);
        Bits[name] = new(weightBits, inputBits);
        List<string> inputs = [read, weight];
        if (layer.Bias is { } bias)
        {
            inputs.Add(Constant(OnnxTensors.Floats($"{name}.bias", Numbers(bias), bias.shape)));
        }

        return layer is ConvolutionLayer { Shape: var shape }
            ? Node("Conv", name, inputs, ("kernel_shape", new[] { shape.KernelHeight, shape.KernelWidth }), ("strides", new[] { shape.Stride, shape.Stride }),
                ("pads", new[] { shape.PaddingHeight, shape.PaddingWidth, shape.PaddingHeight, shape.PaddingWidth }), ("group", shape.Groups))
            : Node("Gemm", name, inputs, ("transB", 1L));
    }

    public string Normalized(BatchNorm2d norm, string input)
    {
        var name = _names[norm];
        (string Part, Tensor? Value)[] parts =
            [("weight", norm.weight), ("bias", norm.bias), ("running_mean", norm.running_mean), ("running_var", norm.running_var)];
        var constants = parts.Select(part => Constant(OnnxTensors.Floats($"{name}.{part.Part}", Numbers(part.Value!), part.Value!.shape)));
        return Node("BatchNormalization", name, [input, .. constants], ("epsilon", (float)norm.eps));
    }

    public string Rectified(string input) => Node("Relu", "relu", [input]);

    public string Sum(string a, string b) => Node("Add", "sum", [a, b]);

    public string Joined(IReadOnlyList<string> inputs) => Node("Concat", "joined", inputs, ("axis", 1L));

    public string Scaled(string input, IReadOnlyList<float> scale, IReadOnlyList<float> shift)
    {
        var product = Node("Mul", "scaled", [input, PerChannel("scale", scale)]);
        return Node("Add", "shifted", [product, PerChannel("shift", shift)]);

        string PerChannel(string name, IReadOnlyList<float> values) => Constant(OnnxTensors.Floats(Unused(name), values.ToArray(), 1, values.Count, 1, 1));
    }

    public string MaxPooled(string input, long kernel, long stride, long padding = 0, bool roundsUp = false) =>
        Node("MaxPool", "pooled", [input], [.. Window(kernel, stride, padding), ("ceil_mode", roundsUp ? 1L : 0L)]);

    public string MeanPooled(string input, long kernel, long stride, long padding = 0) =>
        Node("AveragePool", "pooled", [input], [.. Window(kernel, stride, padding), ("count_include_pad", 1L)]);

    public string PixelMean(string input) => Node("Flatten", "features", [Node("GlobalAveragePool", "mean", [input])], ("axis", 1L));

    public string EverySecondPixel(string input, long added)
    {
        var sliced = Node("Slice", "sliced", [input, Longs("starts", 0, 0), Longs("ends", long.MaxValue, long.MaxValue), Longs("axes", 2, 3), Longs("steps", 2, 2)]);
        return Node("Pad", "padded", [sliced, Longs("pads", 0, added, 0, 0, 0, added, 0, 0)]);
    }

    /// <summary>Adds a constant and returns its name.</summary>
    public string Constant(TensorProto constant)
    {
        Proto.Initializer.Add(constant);
        return constant.Name;
    }

    /// <summary>Adds an int64 constant under a name like the given one, and returns the name.</summary>
    public string Longs(string name, params long[] values) => Constant(OnnxTensors.Longs(Unused(name), values));

    /// <summary>Adds an operation whose output has a name like the given one, and returns the name.</summary>
    public string Node(string operation, string name, IEnumerable<string> inputs, params (string Name, object Value)[] attributes)
    {
        name = Unused(name);
        var node = new NodeProto { OpType = operation, Name = name, Input = { inputs }, Output = { name } };
        node.Attribute.AddRange(attributes.Select(attribute => attribute.Value switch
        {
            float number => new AttributeProto { Name = attribute.Name, Type = AttributeType.Float, F = number },
            long number => new AttributeProto { Name = attribute.Name, Type = AttributeType.Int, I = number },
            _ => new AttributeProto { Name = attribute.Name, Type = AttributeType.Ints, Ints = { (long[])attribute.Value } },
        }));
        Proto.Node.Add(node);
        return name;
    }

    /// <summary>The float32 numbers of a tensor, in order.</summary>
    public static float[] Numbers(Tensor values)
    {
        using var scope = NewDisposeScope();
        return values.detach().to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
    }

    private static (string, object)[] Window(long kernel, long stride, long padding) =>
        [("kernel_shape", new[] { kernel, kernel }), ("strides", new[] { stride, stride }), ("pads", new[] { padding, padding, padding, padding })];

    private static ValueInfoProto Value(string name, object[] sizes) => new()
    {
        Name = name,
        Type = new TypeProto
        {
            TensorType = new TypeProto.Types.Tensor
            {
                ElemType = (int)TensorProto.Types.DataType.Float,
                Shape = new TensorShapeProto
                {
                    Dim = { sizes.Select(size => size is string open ? new Dimension { DimParam = open } : new Dimension { DimValue = (long)size }) },
                },
            },
        },
    };

    private string Unused(string name)
    {
        for (var (k, tried) = (2, name); ; k++)
        {
            if (_taken.Add(tried))
            {
                return tried;
            }

            tried = FormattableString.Invariant($"{name}_{k}");
        }
    }

    private void Note(nn.Module parent, string path)
    {
        foreach (var (name, module) in parent.named_children())
        {
            _names[module] = path + name;
            Note(module, $"{path}{name}.");
        }
    }
}
