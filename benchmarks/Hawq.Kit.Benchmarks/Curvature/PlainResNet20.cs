using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Hawq.Kit.Benchmarks;

/// <summary>ResNet20 (CIFAR, option A) of TorchSharp's own layers, as its users write it; nothing of the kit computes in it.</summary>
internal sealed class PlainResNet20 : nn.Module<Tensor, Tensor>
{
    private readonly Sequential _layers = nn.Sequential();

    /// <param name="source">A network whose parameters and statistics it takes.</param>
    public PlainResNet20(CifarResNet source)
        : base(nameof(PlainResNet20))
    {
        _layers.append(nn.Conv2d(3, 16, 3, padding: 1, bias: false)).append(nn.BatchNorm2d(16)).append(nn.ReLU(inplace: true));
        var inputs = 16;
        foreach (var (outputs, stride) in new[] { (16, 1), (32, 2), (64, 2) })
        {
            for (var k = 0; k < 3; k++)
            {
                _layers.append(new PlainUnit(inputs, outputs, k == 0 ? stride : 1));
                inputs = outputs;
            }
        }

        _layers.append(nn.AdaptiveAvgPool2d(1)).append(nn.Flatten()).append(nn.Linear(64, 10));
        RegisterComponents();
        using var _ = no_grad();
        foreach (var (own, taken) in state_dict().Values.Zip(source.state_dict().Values))
        {
            own.copy_(taken);
        }
    }

    public override Tensor forward(Tensor input) => _layers.call(input);
}

/// <summary>Two 3×3 convolutions with batch norm beside a shortcut without parameters.</summary>
internal sealed class PlainUnit : nn.Module<Tensor, Tensor>
{
    private readonly Conv2d _conv1;
    private readonly BatchNorm2d _bn1;
    private readonly Conv2d _conv2;
    private readonly BatchNorm2d _bn2;
    private readonly bool _widens;
    private readonly long _added;

    public PlainUnit(long inputs, long outputs, long stride)
        : base(nameof(PlainUnit))
    {
        _conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias: false);
        _bn1 = nn.BatchNorm2d(outputs);
        _conv2 = nn.Conv2d(outputs, outputs, 3, padding: 1, bias: false);
        _bn2 = nn.BatchNorm2d(outputs);
        (_widens, _added) = (stride != 1 || inputs != outputs, (outputs - inputs) / 2);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        var y = nn.functional.relu(_bn1.call(_conv1.call(input)), inplace: true);
        y = _bn2.call(_conv2.call(y));
        var shortcut = _widens
            ? nn.functional.pad(input[TensorIndex.Ellipsis, TensorIndex.Slice(step: 2), TensorIndex.Slice(step: 2)], [0, 0, 0, 0, _added, _added])
            : input;
        return nn.functional.relu(y + shortcut, inplace: true);
    }
}
