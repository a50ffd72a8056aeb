namespace Hawq.Kit.Tests;

/// <summary>Runs a sweep when the test assembly is started as a program, so that a test can kill it.</summary>
internal static class Program
{
    internal static int Main(string[] arguments)
    {
        if (arguments is ["sweep", var folder])
        {
            using var network = new CifarResNet(8, seed: 1);
            TinyStudy.Sweep(network).In(folder).Run();
        }

        return 0;
    }
}
