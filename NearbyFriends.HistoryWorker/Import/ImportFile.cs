using System.IO.Compression;

namespace NearbyFriends.HistoryWorker.Import;

/// <summary>The formats of files that can be imported.</summary>
public enum ImportFormat
{
    /// <summary>Comma-separated values of many users, see <see cref="MoverRows"/>.</summary>
    Csv,

    /// <summary>One user's tracks, see <see cref="GpxTrack"/>.</summary>
    Gpx,

    /// <summary>One user's Timeline, see <see cref="GoogleTimeline"/>.</summary>
    Google,
}

/// <summary>A file to import. It is unpacked if it begins as gzip does; its format shows in its first character.</summary>
internal sealed class ImportFile : IDisposable
{
    private readonly FileStream _file;

    /// <summary>Opens the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">Null to recognise it.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="FormatException">It is in no known format.</exception>
    public ImportFile(string path, ImportFormat? format)
    {
        Format = format ?? Recognise(path);
        _file = Open(path);
        Content = Unpack(_file);
    }

    public ImportFormat Format { get; }

    /// <summary>Unpacked.</summary>
    public Stream Content { get; }

    /// <summary>How much of the file has been read as it lies on the disk, in bytes.</summary>
    public long Position => _file.Position;

    public void Dispose() => Content.Dispose();

    private static ImportFormat Recognise(string path)
    {
        using var head = new StreamReader(Unpack(Open(path)));
        int first;
        do
        {
            first = head.Read();
        }
        while (first >= 0 && char.IsWhiteSpace((char)first));
        return first switch
        {
            '<' => ImportFormat.Gpx,
            '{' or '[' => ImportFormat.Google,
            'm' => ImportFormat.Csv,
            _ => throw new FormatException($"the file is neither GPX, nor Google's Timeline, nor CSV with the header {MoverRows.Header}."),
        };
    }

    private static FileStream Open(string path) =>
        new(path, new FileStreamOptions { Options = FileOptions.SequentialScan, BufferSize = 64 * 1024 });

    private static Stream Unpack(FileStream file)
    {
        Span<byte> magic = stackalloc byte[2];
        var isPacked = file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) == magic.Length && magic is [0x1F, 0x8B];
        file.Position = 0;
        return isPacked ? new GZipStream(file, CompressionMode.Decompress) : file;
    }
}
