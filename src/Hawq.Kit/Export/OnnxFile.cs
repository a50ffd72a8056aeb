using System.Text.Json;
using Google.Protobuf;
using Onnx;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Writes networks as ONNX files. ONNX Runtime is the tool that they are tested in.</summary>
public static class OnnxFile
{
    private const string Input = "pictures";
    private const string Output = "logits";

    /// <summary>
    /// Writes a float or quantized network, as it computes in evaluation mode. A half-written file never stays. The batch size and the size
    /// of the pictures stay open; pictures are normalised before, as for the network itself.
    /// </summary>
    /// <param name="network">One of the kit's networks, or one that overrides <see cref="Network.Describe"/>; it is not changed.</param>
    /// <param name="path">Where to; it ends with .onnx.</param>
    /// <returns>Bytes of the file.</returns>
    /// <remarks>
    /// Opset 21. A weight on a grid is stored as integers of the narrowest of 4, 8 or 16 bits that holds them, before a DequantizeLinear with
    /// a scale for each output channel or for all; its values equal the network's. A weight on a learned basis is stored as
    /// level numbers of 8 bits. Mid-rise and DoReFa grids, whose 0 lies between two integers, are stored doubled, with half the scale. An input goes through QuantizeLinear to 8 bits, Clip to its b bits where b is less, and DequantizeLinear (QCDQ); a
    /// learned basis through comparisons with its 2^b − 1 thresholds. The bits of each layer stand in the model's metadata, <c>bits</c>.
    /// The file computes what the kit computes, up to float32 rounding, which at times moves an input to the neighbouring level. ONNX
    /// Runtime merges quantized operators, which can round more: float weights or biases beside a quantized input become integers (pull
    /// request 22969 of microsoft/onnxruntime), and on CPUs without VNNI a linear layer of an 8-bit input may saturate. A session with the
    /// entry <c>session.disable_quant_qdq</c> = 1 does not. TensorRT takes no zero points but 0, so no asymmetric inputs.
    /// </remarks>
    /// <exception cref="ArgumentException">The name has another ending, or <see cref="Network.Describe"/> names a part that the network has not registered.</exception>
    /// <exception cref="NotSupportedException">
    /// The network does not override <see cref="Network.Describe"/>, that leaves a layer out, or a layer has a quantizer that is not the kit's.
    /// </exception>
    /// <exception cref="InvalidOperationException">A quantized weight is not finite, or was changed after <c>LoadQuantized</c>.</exception>
    public static long SaveOnnx(this Network network, string path)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(path);
        if (!path.EndsWith(".onnx", StringComparison.Ordinal))
        {
            throw new ArgumentException($"Received \"{path}\"; expected a name that ends in .onnx, since the network is written in that format.", nameof(path));
        }

        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var graph = new OnnxGraph(network, Input, Output);
        graph.End(network.Describe(graph, Input));
        RequireAll(network, graph);
        var model = new ModelProto
        {
            IrVersion = 10,
            ProducerName = "Hawq.Kit",
            ProducerVersion = LibraryVersion.Kit,
            Graph = graph.Proto,
            OpsetImport = { new OperatorSetIdProto { Version = 21 } },
            MetadataProps =
            {
                new StringStringEntryProto { Key = "architecture", Value = network.Architecture },
                new StringStringEntryProto { Key = "bits", Value = JsonSerializer.Serialize(graph.Bits) },
            },
        };
        var bytes = model.ToByteArray();
        AtomicFile.Write(path, bytes);
        return bytes.Length;
    }

    private static void RequireAll(Network network, OnnxGraph graph)
    {
        var missing = network.WeightLayers().Select(layer => layer.Name).Where(name => !graph.Bits.ContainsKey(name) && !network.IsForTrainingAlone(name)).ToList();
        if (missing.Count > 0)
        {
            throw new NotSupportedException(
                $"Describe of {network.Architecture} tells nothing of {string.Join(", ", missing)}; expected every layer of its forward pass. Add the calls, or override IsForTrainingAlone.");
        }
    }
}
