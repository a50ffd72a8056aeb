namespace Hawq.Kit;

/// <summary>Where a bottleneck that halves the picture has its stride; both kinds have the same parameters.</summary>
public enum ResNetStride
{
    /// <summary>On the 3×3 convolution: ResNet v1.5, torchvision's <c>resnet50</c> and pytorchcv's <c>resnet50b</c> (HAWQ-V1's baseline).</summary>
    OnThreeByThree,

    /// <summary>On the first 1×1 convolution: ResNet v1 (He et al. 2016), pytorchcv's <c>resnet50</c> (HAWQ-V3's baseline).</summary>
    OnFirstOneByOne,
}
