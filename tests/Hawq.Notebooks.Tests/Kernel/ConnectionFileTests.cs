namespace Hawq.Notebooks.Tests.Kernel;

public class ConnectionFileTests
{
    private const string Ports = "\"shell_port\": 1, \"control_port\": 2, \"stdin_port\": 3, \"iopub_port\": 4, \"hb_port\": 5";

    [Theory]
    [InlineData("\"ip\": \"10.1.2.3\", ", "tcp://10.1.2.3:4")]
    [InlineData("\"ip\": \"\", ", "tcp://127.0.0.1:4")]
    [InlineData("", "tcp://127.0.0.1:4")]
    public void Binds_to_the_ip_of_the_file_else_to_loopback(string ip, string expected) =>
        Read($"{{{ip}{Ports}}}").Address(KernelChannel.Iopub).ShouldBe(expected);

    [Theory]
    [InlineData("no JSON", "no JSON")]
    [InlineData("[]", "no object")]
    [InlineData("{\"transport\": \"ipc\"}", "received transport \"ipc\"; expected \"tcp\"")]
    [InlineData("{\"signature_scheme\": \"hmac-md5\"}", "received signature_scheme \"hmac-md5\"; expected \"hmac-sha256\"")]
    [InlineData("{\"control_port\": 2}", "received shell_port nothing; expected a port")]
    [InlineData("{\"shell_port\": 70000}", "received shell_port 70000; expected a port")]
    [InlineData("{\"shell_port\": \"1\"}", "received shell_port \"1\"; expected a port")]
    public void Says_what_is_wrong(string content, string message) =>
        Should.Throw<NotebookException>(() => Read(content)).Message.ShouldContain(message);

    [Fact]
    public void A_missing_file_is_named() =>
        Should.Throw<NotebookException>(() => ConnectionFile.Read("/nowhere/c.json")).Message.ShouldStartWith("/nowhere/c.json: no such file");

    private static ConnectionFile Read(string content)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["c.json"], content);
        return ConnectionFile.Read(folder["c.json"]);
    }
}
