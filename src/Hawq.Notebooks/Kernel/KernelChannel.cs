namespace Hawq.Notebooks;

/// <summary>The five sockets between a front end and a kernel.</summary>
internal enum KernelChannel
{
    /// <summary>Requests, answered in order.</summary>
    Shell,

    /// <summary>Requests that must not wait behind a running cell.</summary>
    Control,

    /// <summary>Questions of the kernel to the user.</summary>
    Stdin,

    /// <summary>What all front ends see: outputs and state.</summary>
    Iopub,

    /// <summary>Echo, so that the front end knows the kernel lives.</summary>
    Heartbeat,
}
