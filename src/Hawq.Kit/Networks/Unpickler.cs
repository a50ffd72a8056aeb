using System.Buffers.Binary;
using System.Text;

namespace Hawq.Kit;

/// <summary>
/// Reads the part of Python's pickle format that holds plain containers, and calls <see cref="PickleGlobals"/> for the few
/// names that a file of tensors needs. Any other name is refused: a pickle must never run code.
/// </summary>
internal sealed class Unpickler(Stream input, Func<IReadOnlyList<object?>, object> persistentLoad)
{
    private const int LargestPickle = 64 << 20;
    private const int LongestText = 1 << 20;
    private const int MostItems = 10_000_000;
    private static readonly object Mark = new();

    private readonly Dictionary<int, object?> _memo = [];
    private readonly List<object?> _stack = [];
    private long _read;

    private object? Top => _stack.Count > 0 ? _stack[^1] : throw new InvalidDataException("the pickle looks at the top of an empty stack");

    public object? Load()
    {
        for (var steps = 0; steps < MostItems; steps++)
        {
            var code = (char)Byte();
            if (code == '.')
            {
                return Pop();
            }

            Step(code);
        }

        throw new InvalidDataException($"the pickle has more than {MostItems} instructions");
    }

    /// <summary>Bounds a pickle, which where it is compressed can have a thousand times the bytes of its file.</summary>
    /// <exception cref="InvalidDataException">It has more bytes than names and shapes need.</exception>
    public static void RequireRoom(long bytes)
    {
        if (bytes > LargestPickle)
        {
            throw new InvalidDataException(
                $"the pickle has {bytes} bytes or more; at most {LargestPickle} are read. Save the state dict alone: torch.save(model.state_dict(), path)");
        }
    }

    private void Step(char code)
    {
        if (!Scalar(code) && !Container(code) && !Reference(code))
        {
            throw new InvalidDataException($"the pickle uses instruction 0x{(int)code:x2}, which a file of tensors does not need; it was refused");
        }
    }

    private bool Scalar(char code)
    {
        switch (code)
        {
            case '\x80': Byte(); break;                                              // PROTO
            case 'N' or '\x88' or '\x89': _stack.Add(code == 'N' ? null : code == '\x88'); break;
            case 'K': _stack.Add((long)Byte()); break;                               // BININT1
            case 'M': _stack.Add((long)BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2))); break;
            case 'J': _stack.Add((long)Int32()); break;                              // BININT
            case '\x8a': PushNumber(new System.Numerics.BigInteger(Bytes(Byte()))); break;                           // LONG1
            case 'G': _stack.Add(BinaryPrimitives.ReadDoubleBigEndian(Bytes(8))); break;
            case 'X' or 'T': _stack.Add(Text(Int32())); break;                       // BINUNICODE, BINSTRING
            case '\x8c' or 'U': _stack.Add(Text(Byte())); break;                     // SHORT_BINUNICODE, SHORT_BINSTRING
            default: return false;
        }

        return true;
    }

    private bool Container(char code)
    {
        switch (code)
        {
            case '(': _stack.Add(Mark); break;
            case '}': _stack.Add(new Dictionary<object, object?>()); break;
            case ']': _stack.Add(new List<object?>()); break;
            case ')': _stack.Add(Array.Empty<object?>()); break;
            case 't': _stack.Add(PopToMark()); break;
            case '\x85' or '\x86' or '\x87': _stack.Add(PopMany(code - '\x84')); break; // TUPLE1 … TUPLE3
            case 's': SetItems(PopMany(2)); break;
            case 'u': SetItems(PopToMark()); break;
            case 'a': AddAll([Pop()]); break;
            case 'e': AddAll(PopToMark()); break;
            default: return false;
        }

        return true;
    }

    private bool Reference(char code)
    {
        switch (code)
        {
            case 'q': _memo[Byte()] = Top; break;                                    // BINPUT
            case 'r': _memo[Int32()] = Top; break;                                   // LONG_BINPUT
            case 'h': _stack.Add(_memo[Byte()]); break;                              // BINGET
            case 'j': _stack.Add(_memo[Int32()]); break;                             // LONG_BINGET
            case 'c': _stack.Add(PickleGlobals.Find(Line(), Line())); break;         // GLOBAL
            case 'Q': _stack.Add(persistentLoad(Arguments(Pop()))); break;           // BINPERSID
            case 'R': Call(); break;                                                 // REDUCE
            case 'b': Pop(); break;                                                  // BUILD: attributes of a container, not needed
            default: return false;
        }

        return true;
    }

    private void Call()
    {
        var arguments = Arguments(Pop());
        var global = Pop() as PickleGlobal ?? throw new InvalidDataException("the pickle calls something that is no known name; it was refused");
        _stack.Add(global.Call(arguments));
    }

    private void SetItems(object?[] pairs)
    {
        var target = Top as Dictionary<object, object?> ?? throw new InvalidDataException("the pickle sets an item of something that is no dictionary");
        for (var i = 0; i + 1 < pairs.Length; i += 2)
        {
            target[pairs[i] ?? throw new InvalidDataException("the pickle has a dictionary key that is None")] = pairs[i + 1];
        }
    }

    private void AddAll(object?[] items) =>
        (Top as List<object?> ?? throw new InvalidDataException("the pickle appends to something that is no list")).AddRange(items);

    private static object?[] Arguments(object? tuple) =>
        tuple as object?[] ?? throw new InvalidDataException("the pickle passes arguments that are no tuple");

    private object? Pop() => PopMany(1)[0];

    private object?[] PopMany(int count)
    {
        if (_stack.Count < count)
        {
            throw new InvalidDataException("the pickle takes more from its stack than it put there");
        }

        var items = _stack.GetRange(_stack.Count - count, count).ToArray();
        _stack.RemoveRange(_stack.Count - count, count);
        return items;
    }

    private object?[] PopToMark()
    {
        var items = PopMany(_stack.Count - 1 - _stack.LastIndexOf(Mark));
        Pop();
        return items;
    }

    private int Byte() => Bytes(1)[0];

    private int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Bytes(4));

    private void PushNumber(System.Numerics.BigInteger number)
    {
        if (number < long.MinValue || number > long.MaxValue)
        {
            _stack.Add(number);
        }
        else
        {
            _stack.Add((long)number);
        }
    }

    private string Text(int length) => length is >= 0 and <= LongestText
        ? Encoding.UTF8.GetString(Bytes(length))
        : throw new InvalidDataException($"the pickle has a text of {length} bytes; at most {LongestText} are read");

    private string Line()
    {
        var line = new StringBuilder();
        for (var next = Byte(); next != '\n' && line.Length < 256; next = Byte())
        {
            line.Append((char)next);
        }

        return line.ToString();
    }

    private byte[] Bytes(int count)
    {
        RequireRoom(_read += count);
        var bytes = new byte[count];
        return input.ReadAtLeast(bytes, count, throwOnEndOfStream: false) == count
            ? bytes
            : throw new InvalidDataException("the pickle ends too early");
    }
}
