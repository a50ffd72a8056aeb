using Onnx;
using TorchSharp.Modules;
using static TorchSharp.torch;
using AttributeType = Onnx.AttributeProto.Types.AttributeType;
using Dimension = Onnx.TensorShapeProto.Types.Dimension;

namespace Hawq.Kit;

/// <summary>Collects a network's operations as the nodes of an ONNX graph.</summary>
internal sealed class OnnxGraph : INetworkGraph
{
    private static readonly (string, object)[] CeilMode = [("ceil_mode", 1L)];

    private readonly Dictionary<nn.Module, string> _names = [];
    private readonly HashSet<string> _taken;
    private readonly string _input;
    private readonly string _output;

    /// <param name="network">The network that will tell its operations.</param>
    /// <param name="input">Name of its input.</param>
    /// <param name="output">Name of its output.</param>
    public OnnxGraph(Network network, string input, string output)
    {
        Note(network, "");
        (_input, _output, _taken) = (input, output, [input, output]);
        Proto = new GraphProto { Name = network.Architecture.Length > 0 ? network.Architecture : "network", Input = { Value(input) } };
    }

    /// <summary>The graph so far.</summary>
    public GraphProto Proto { get; }

    /// <summary>Bits of each layer.</summary>
    public Dictionary<string, LayerBits> Bits { get; } = [];

    /// <summary>Makes a value the network's output.</summary>
    public void End(string value)
    {
        _taken.Remove(_output);
        Proto.Output.Add(Value(Node("Identity", _output, [value]), "N", "classes"));
    }

    public string Layer(WeightLayer layer, string input)
    {
        var name = NameOf(layer);
        NoteInput(input, layer is ConvolutionLayer wide ? ["N", wide.Shape.In, "H", "W"] : ["N", layer.Weight.shape[1]]);
        var read = OnnxQuantizers.Input(this, name, layer.InputQuantizer, input);
        var weight = OnnxQuantizers.Weight(this, name, layer);
        Bits[name] = LayerBits.Of(layer);
        List<string> inputs = [read, weight];
        if (layer.Bias is { } bias)
        {
            inputs.Add(Constant(OnnxTensors.Floats($"{name}.bias", bias.ToFloats(), bias.shape)));
        }

        return layer is ConvolutionLayer { Shape: var shape }
            ? Node("Conv", name, inputs, ("kernel_shape", new[] { shape.KernelHeight, shape.KernelWidth }), ("strides", new[] { shape.Stride, shape.Stride }),
                ("pads", new[] { shape.PaddingHeight, shape.PaddingWidth, shape.PaddingHeight, shape.PaddingWidth }), ("group", shape.Groups))
            : Node("Gemm", name, inputs, ("transB", 1L));
    }

    public string Normalized(BatchNorm2d norm, string input)
    {
        var name = NameOf(norm);
        if (norm.running_mean is null || norm.running_var is null)
        {
            throw new NotSupportedException($"The batch norm \"{name}\" keeps no running statistics; expected one that does, since evaluation normalises by them.");
        }

        var channels = norm.running_mean.shape[0];
        NoteInput(input, ["N", channels, "H", "W"]);
        (string Part, Tensor Value)[] parts =
            [("weight", norm.weight ?? ones(channels)), ("bias", norm.bias ?? zeros(channels)), ("running_mean", norm.running_mean), ("running_var", norm.running_var)];
        var constants = parts.Select(part => Constant(OnnxTensors.Floats($"{name}.{part.Part}", part.Value.ToFloats(), channels)));
        return Node("BatchNormalization", name, [input, .. constants], ("epsilon", (float)norm.eps));
    }

    public string Rectified(string input) => Node("Relu", "relu", [input]);

    public string Sum(string a, string b) => Node("Add", "sum", [a, b]);

    public string Joined(IReadOnlyList<string> inputs) => Node("Concat", "joined", inputs, ("axis", 1L));

    public string Scaled(string input, IReadOnlyList<float> scale, IReadOnlyList<float> shift)
    {
        NoteInput(input, ["N", (long)scale.Count, "H", "W"]);
        var product = Node("Mul", "scaled", [input, PerChannel("scale", scale)]);
        return Node("Add", "shifted", [product, PerChannel("shift", shift)]);

        string PerChannel(string name, IReadOnlyList<float> values) => Constant(OnnxTensors.Floats(name, values.ToArray(), 1, values.Count, 1, 1));
    }

    public string MaxPooled(string input, long kernel, long stride, long padding = 0, bool roundsUp = false) =>
        Node("MaxPool", "pooled", [input], [.. Window(kernel, stride, padding), .. roundsUp ? CeilMode : []]);

    public string MeanPooled(string input, long kernel, long stride, long padding = 0) =>
        Node("AveragePool", "pooled", [input], [.. Window(kernel, stride, padding), ("count_include_pad", 1L)]);

    public string PixelMean(string input) => Node("Flatten", "features", [Node("GlobalAveragePool", "mean", [input])], ("axis", 1L));

    public string EverySecondPixel(string input, long added)
    {
        var sliced = Node("Slice", "sliced", [input, Longs("starts", 0, 0), Longs("ends", long.MaxValue, long.MaxValue), Longs("axes", 2, 3), Longs("steps", 2, 2)]);
        return Node("Pad", "padded", [sliced, Longs("pads", 0, added, 0, 0, 0, added, 0, 0)]);
    }

    /// <summary>Adds a constant under a name like its own, unless it is there already, and returns the name.</summary>
    public string Constant(TensorProto constant)
    {
        if (Proto.Initializer.FirstOrDefault(known => known.Name == constant.Name) is not { } same || !same.Equals(constant))
        {
            constant.Name = Unused(constant.Name);
            Proto.Initializer.Add(constant);
        }

        return constant.Name;
    }

    /// <summary>Adds an int64 constant likewise.</summary>
    public string Longs(string name, params long[] values) => Constant(OnnxTensors.Longs(name, values));

    /// <summary>Adds an operation whose output has a name like the given one, and returns the name. An integer attribute is not 0: some readers take that as absent.</summary>
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

    private static (string, object)[] Window(long kernel, long stride, long padding) =>
        [("kernel_shape", new[] { kernel, kernel }), ("strides", new[] { stride, stride }), ("pads", new[] { padding, padding, padding, padding })];

    /// <summary>float32 of the given sizes, numbers or names of open ones; of any shape without.</summary>
    private static ValueInfoProto Value(string name, params object[] sizes) => new()
    {
        Name = name,
        Type = new TypeProto
        {
            TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = sizes.Length == 0 ? null : ShapeOf(sizes) },
        },
    };

    private static TensorShapeProto ShapeOf(object[] sizes) => new()
    {
        Dim = { sizes.Select(size => size is string open ? new Dimension { DimParam = open } : new Dimension { DimValue = (long)size }) },
    };

    /// <summary>What first reads the network's input knows its sizes.</summary>
    private void NoteInput(string input, object[] sizes)
    {
        if (input == _input)
        {
            Proto.Input[0].Type.TensorType.Shape ??= ShapeOf(sizes);
        }
    }

    private string NameOf(nn.Module module) => _names.TryGetValue(module, out var name)
        ? name
        : throw new ArgumentException($"A {module.GetType().Name} is no registered part of {Proto.Name}; call register_module for it.", nameof(module));

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
