using System.Globalization;
using System.IO.Compression;
using CsvHelper;
using CsvHelper.Configuration;

namespace NearbyFriends.Simulator.Replaying;

/// <summary>CSV with a header, packed or not, read so that a bad line is named.</summary>
internal static class CsvFile
{
    public static CsvReader Open(string path)
    {
        Stream file = File.OpenRead(path);
        if (path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
        {
            file = new GZipStream(file, CompressionMode.Decompress);
        }

        var csv = new CsvReader(new StreamReader(file), new CsvConfiguration(CultureInfo.InvariantCulture));
        csv.Read();
        csv.ReadHeader();
        return csv;
    }

    /// <exception cref="InvalidDataException">The field is missing or is no <typeparamref name="T"/>.</exception>
    public static T Field<T>(CsvReader csv, string name, string path)
        where T : ISpanParsable<T> =>
        csv.TryGetField<string>(name, out var text) && T.TryParse(text, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new InvalidDataException($"{path}, line {csv.Parser.Row}: '{name}' is missing or not a {typeof(T).Name}.");
}
