using System.Text.Json;
using Google.Protobuf;
using Onnx;

namespace Hawq.Kit;

/// <summary>Writes networks as ONNX files, which ONNX Runtime and most deployment tools read.</summary>
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
    /// a scale for each output channel or for all; its values are the network's to the bit. A weight on a learned basis is stored as
    /// level numbers of 8 bits. An input goes through QuantizeLinear to 8 bits, Clip to its b bits where b is less, and DequantizeLinear (QCDQ); a
    /// learned basis through comparisons with its 2^b − 1 thresholds. The bits of each layer stand in the model's metadata, <c>bits</c>.
    /// The file computes what the kit computes, up to float32 rounding, which at times moves an input to the neighbouring level. One
    /// exception is ONNX Runtime's: where a weight stays float but its input does not, its optimizer rounds that weight to 8 bits (pull request
    /// 22969 of microsoft/onnxruntime), unless the session is made with <c>ORT_DISABLE_ALL</c>.
    /// </remarks>
    /// <exception cref="ArgumentException">The name has another ending.</exception>
    /// <exception cref="NotSupportedException">The network does not override <see cref="Network.Describe"/>, or a layer has a quantizer that is not the kit's.</exception>
    /// <exception cref="InvalidOperationException">The network was loaded by <c>LoadQuantized</c>, and its weights were changed after that.</exception>
    public static long SaveOnnx(this Network network, string path)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(path);
        if (!path.EndsWith(".onnx", StringComparison.Ordinal))
        {
            throw new ArgumentException($"Received \"{path}\"; expected a name that ends in .onnx, since the network is written in that format.", nameof(path));
        }

        var graph = new OnnxGraph(network, Input);
        graph.End(network.Describe(graph, Input), Output);
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
}
