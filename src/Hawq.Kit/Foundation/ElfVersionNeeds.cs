using System.Text;

namespace Hawq.Kit;

/// <summary>
/// Reads the symbol versions that an ELF shared library needs (section <c>.gnu.version_r</c>) and can mark one weak.
/// </summary>
/// <remarks>
/// TorchSharp 0.107.0's <c>libLibTorchSharp.so</c> needs <c>GLIBCXX_3.4.32</c>, which GCC 13 emits for including
/// <c>&lt;iostream&gt;</c> and no relocation uses. Debian 12 and Ubuntu 22.04 end at 3.4.30, so the loader refuses the
/// file. With <c>VER_FLG_WEAK</c> (0x2) in the entry's <c>vna_flags</c> it loads. One bit, in a copy of the file.
/// </remarks>
internal static class ElfVersionNeeds
{
    private const int SectionTypeVersionNeed = 0x6ffffffe; // SHT_GNU_verneed
    private const ushort WeakFlag = 0x2;                   // VER_FLG_WEAK
    private const int HeaderSize = 64;

    /// <summary>The names of all symbol versions that the library needs.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a 64-bit little-endian ELF file with sound tables.</exception>
    public static IReadOnlyList<string> Read(byte[] elf)
    {
        return [.. Walk(elf).Select(need => need.Name)];
    }

    /// <summary>Marks the need for <paramref name="version"/> weak, in place.</summary>
    /// <returns><see langword="true"/> if a bit was set, <see langword="false"/> if nothing needed to change.</returns>
    /// <exception cref="InvalidDataException">The bytes are not a 64-bit little-endian ELF file with sound tables.</exception>
    public static bool MarkWeak(byte[] elf, string version)
    {
        var changed = false;
        foreach (var (name, flags) in Walk(elf))
        {
            if (name == version && (BitConverter.ToUInt16(elf, flags) & WeakFlag) == 0)
            {
                elf[flags] |= (byte)WeakFlag;
                changed = true;
            }
        }

        return changed;
    }

    /// <summary>Each needed version's name, with the offset of its <c>vna_flags</c>.</summary>
    private static List<(string Name, int Flags)> Walk(byte[] elf)
    {
        RequireElf(elf);
        var found = new List<(string Name, int Flags)>();
        var sections = Offset(elf, BitConverter.ToInt64(elf, 40));
        int entrySize = BitConverter.ToUInt16(elf, 58), count = BitConverter.ToUInt16(elf, 60);
        for (var i = 0; i < count; i++)
        {
            var header = Offset(elf, (long)sections + ((long)i * entrySize), HeaderSize);
            if (BitConverter.ToInt32(elf, header + 4) != SectionTypeVersionNeed)
            {
                continue;
            }

            var table = Offset(elf, BitConverter.ToInt64(elf, header + 24));
            var strings = Offset(elf, sections + (BitConverter.ToInt32(elf, header + 40) * (long)entrySize), HeaderSize);
            WalkNeeds(elf, table, Offset(elf, BitConverter.ToInt64(elf, strings + 24)), found);
        }

        return found;
    }

    private static void WalkNeeds(byte[] elf, int table, int strings, List<(string Name, int Flags)> found)
    {
        for (long need = table, next = -1; next != 0; need += next)
        {
            var at = Offset(elf, need, 16);
            int entries = BitConverter.ToUInt16(elf, at + 2);
            long entry = at + (long)BitConverter.ToUInt32(elf, at + 8);
            for (var k = 0; k < entries; k++)
            {
                var aux = Offset(elf, entry, 16);
                var name = Text(elf, strings + (long)BitConverter.ToUInt32(elf, aux + 8));
                found.Add((name, aux + 4));
                entry += BitConverter.ToUInt32(elf, aux + 12);
            }

            next = BitConverter.ToUInt32(elf, at + 12);
        }
    }

    private static void RequireElf(byte[] elf)
    {
        var isElf = elf.Length >= HeaderSize && elf[0] == 0x7f && elf[1] == 'E' && elf[2] == 'L' && elf[3] == 'F';
        if (!isElf)
        {
            throw new InvalidDataException(
                "Received a file that is not ELF (its first bytes are not 7F 45 4C 46); expected a Linux shared library. " +
                "Restore the TorchSharp package again: its copy may be damaged.");
        }

        if (elf[4] != 2 || elf[5] != 1)
        {
            throw new InvalidDataException(
                $"Received an ELF file of class {elf[4]} and byte order {elf[5]}" +
                "; expected 64-bit (2), little-endian (1). Use the linux-x64 or linux-arm64 build.");
        }
    }

    private static int Offset(byte[] elf, long offset, int size = 1)
    {
        if (offset < 0 || offset > elf.Length - size)
        {
            throw new InvalidDataException(
                $"The ELF file points to byte {offset}, outside its {elf.Length}" +
                " bytes: it is truncated or damaged. Restore the TorchSharp package again.");
        }

        return (int)offset;
    }

    private static string Text(byte[] elf, long offset)
    {
        int start = Offset(elf, offset), end = start;
        while (end < elf.Length && elf[end] != 0)
        {
            end++;
        }

        return Encoding.ASCII.GetString(elf, start, end - start);
    }
}
