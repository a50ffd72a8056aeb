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
    public static Tensor Logits(string path, Tensor inputs) => Values(File.ReadAllBytes(path), inputs, "logits", true);

    /// <summary>A value within the graph, by its name.</summary>
    /// <param name="path">The file.</param>
    /// <param name="inputs">A batch.</param>
    /// <param name="name">The value.</param>
    /// <param name="optimizes">Whether the runtime may merge operations, as it does unless told.</param>
    public static Tensor Inner(string path, Tensor inputs, string name, bool optimizes = true)
    {
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        model.Graph.Output.Add(new ValueInfoProto { Name = name, Type = model.Graph.Input[0].Type.Clone() });
        model.Graph.Output[^1].Type.TensorType.Shape = null;
        return Values(model.ToByteArray(), inputs, name, optimizes);
    }

    private static Tensor Values(byte[] model, Tensor inputs, string name, bool optimizes)
    {
        using var options = new SessionOptions { GraphOptimizationLevel = optimizes ? GraphOptimizationLevel.ORT_ENABLE_ALL : GraphOptimizationLevel.ORT_DISABLE_ALL };
        using var session = new InferenceSession(model, options);
        var pictures = new DenseTensor<float>(inputs.contiguous().data<float>().ToArray(), [.. inputs.shape.Select(size => (int)size)]);
        using var results = session.Run([NamedOnnxValue.CreateFromTensor("pictures", pictures)], [name]);
        var values = results[0].AsTensor<float>().ToDenseTensor();
        return tensor(values.Buffer.ToArray()).reshape([.. values.Dimensions.ToArray().Select(size => (long)size)]);
    }
}
