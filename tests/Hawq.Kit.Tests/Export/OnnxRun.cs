using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Onnx;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Hawq.Kit.Tests.Export;

/// <summary>ONNX Runtime, the witness of what a file computes.</summary>
internal static class OnnxRun
{
    /// <summary>The logits of a batch.</summary>
    /// <param name="path">The file.</param>
    /// <param name="inputs">A batch.</param>
    /// <param name="mergesQuantized">Whether the runtime may merge quantized operations, as it does unless told.</param>
    public static Tensor Logits(string path, Tensor inputs, bool mergesQuantized = true) => Values(File.ReadAllBytes(path), inputs, ["logits"], mergesQuantized)["logits"];

    /// <summary>Values within the graph.</summary>
    /// <param name="path">The file.</param>
    /// <param name="inputs">A batch.</param>
    /// <param name="names">Those of the values.</param>
    /// <param name="mergesQuantized">As of <see cref="Logits"/>.</param>
    public static Dictionary<string, Tensor> Inner(string path, Tensor inputs, IReadOnlyCollection<string> names, bool mergesQuantized)
    {
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        foreach (var name in names.Where(name => name != model.Graph.Output[0].Name))
        {
            model.Graph.Output.Add(new ValueInfoProto { Name = name, Type = model.Graph.Input[0].Type.Clone() });
            model.Graph.Output[^1].Type.TensorType.Shape = null;
        }

        return Values(model.ToByteArray(), inputs, names, mergesQuantized);
    }

    private static Dictionary<string, Tensor> Values(byte[] model, Tensor inputs, IReadOnlyCollection<string> names, bool mergesQuantized)
    {
        using var options = new SessionOptions();
        options.AddSessionConfigEntry("session.disable_quant_qdq", mergesQuantized ? "0" : "1");
        using var session = new InferenceSession(model, options);
        var pictures = new DenseTensor<float>(inputs.contiguous().data<float>().ToArray(), [.. inputs.shape.Select(size => (int)size)]);
        using var results = session.Run([NamedOnnxValue.CreateFromTensor("pictures", pictures)], names);
        return results.ToDictionary(result => result.Name, result =>
        {
            var values = result.AsTensor<float>().ToDenseTensor();
            return tensor(values.Buffer.ToArray()).reshape([.. values.Dimensions.ToArray().Select(size => (long)size)]);
        });
    }
}
