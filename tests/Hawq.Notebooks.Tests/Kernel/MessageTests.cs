using System.Text;
using System.Text.Json.Nodes;

namespace Hawq.Notebooks.Tests.Kernel;

public class MessageTests
{
    [Fact]
    public void A_signature_is_that_of_RFC_4231()
    {
        // test case 2 of RFC 4231, its text cut into the four parts of a message
        byte[][] parts = [.. new[] { "what do ", "ya want ", "for ", "nothing?" }.Select(Encoding.ASCII.GetBytes)];
        Encoding.ASCII.GetString(new MessageSigner("Jefe").Sign(parts)).ShouldBe("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    [Fact]
    public void A_message_comes_back_from_its_frames()
    {
        var signer = new MessageSigner("key");
        var sent = KernelMessage.Of("execute_request", "s", new JsonObject { ["code"] = "\"𝔘 <b>\"" }, null, [[1, 2], [3]]);
        var received = KernelMessage.Decode(sent.Encode(signer), signer).ShouldNotBeNull();
        received.Type.ShouldBe("execute_request");
        received.Text("code").ShouldBe("\"𝔘 <b>\"");
        received.Route.ShouldBe([[1, 2], [3]]);
    }

    [Theory]
    [InlineData(1, "signature")]
    [InlineData(2, "header")]
    [InlineData(5, "content")]
    public void A_changed_message_is_dropped(int frame, string what)
    {
        var signer = new MessageSigner("key");
        var frames = KernelMessage.Of("execute_request", "s", new JsonObject { ["code"] = "1" }, null, []).Encode(signer).ToList();
        KernelMessage.Decode(frames, signer).ShouldNotBeNull();
        frames[frame] = frame == 1 ? Encoding.ASCII.GetBytes(new string('0', 64)) : Encoding.UTF8.GetBytes("{}");
        KernelMessage.Decode(frames, signer).ShouldBeNull(what);
    }

    [Fact]
    public void An_empty_key_leaves_messages_unsigned()
    {
        var frames = KernelMessage.Of("x", "s", [], null, []).Encode(new MessageSigner(""));
        frames[1].ShouldBeEmpty();
        KernelMessage.Decode(frames, new MessageSigner("")).ShouldNotBeNull();
        KernelMessage.Decode(frames, new MessageSigner("key")).ShouldBeNull();
    }

    [Fact]
    public void Frames_that_are_no_message_are_dropped()
    {
        var delimiter = Encoding.ASCII.GetBytes("<IDS|MSG>");
        byte[] no = Encoding.ASCII.GetBytes("no JSON"), list = Encoding.ASCII.GetBytes("[]"), nothing = Encoding.ASCII.GetBytes("null");
        var signer = new MessageSigner("");
        KernelMessage.Decode([], signer).ShouldBeNull();
        KernelMessage.Decode([delimiter, []], signer).ShouldBeNull();
        KernelMessage.Decode([delimiter, [], no, no, no, no], signer).ShouldBeNull();
        KernelMessage.Decode([delimiter, [], list, list, list, list], signer).ShouldBeNull();
        KernelMessage.Decode([delimiter, [], nothing, nothing, nothing, nothing], signer).ShouldBeNull();
    }
}
