namespace Hawq.Kit;

/// <summary>
/// Marks a part of a network that shares one bit width: a residual unit, a bottleneck, a Mixed module, a SqueezeNext unit.
/// </summary>
/// <remarks>
/// HAWQ's blocks follow from it: each unit is a block, and each weight layer outside of all units is one. That gives 11
/// blocks for ResNet20, 18 for ResNet50, 17 for Inception-V3, 24 for SqueezeNext-23 (Dong et al. 2019).
/// </remarks>
public interface INetworkUnit;
