namespace Hawq.Kit;

/// <summary>The network that a training changes. It is freed with the training, unless that handed it out.</summary>
internal sealed class ModelInTraining(Network model) : IDisposable
{
    private bool _isOut;

    public Network Model => model;

    /// <summary>Gives the network away in evaluation mode: to a report, or to who catches a divergence.</summary>
    public Network HandOut()
    {
        model.eval();
        _isOut = true;
        return model;
    }

    public void Dispose()
    {
        if (!_isOut)
        {
            model.Dispose();
        }
    }
}
