using TorchSharp;

namespace Hawq.Kit.Tests.Foundation;

public class NativeRuntimeTests
{
    [Fact]
    public void Torch_computes_on_this_machine()
    {
        System.Runtime.CompilerServices.RuntimeHelpers.RunModuleConstructor(typeof(ElfVersionNeeds).Module.ModuleHandle);
        using var sum = torch.ones(3, 4).sum();
        sum.item<float>().ShouldBe(12f);
    }
}
