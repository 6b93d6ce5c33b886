namespace NearbyFriends.Core.Geo;

/// <summary>
/// A cell of the geohash grid: the Earth halved again and again, in turn by longitude and by latitude, five times for each character
/// of the cell's name. A cell of 5 characters is 4.9 km high and, at the equator, 4.9 km wide.
/// </summary>
/// <remarks>
/// Cells of one length form a grid of columns from the antimeridian eastwards and rows from the South Pole northwards, so a
/// neighbour is one addition. Towards the poles cells grow narrow: their width falls with the cosine of the latitude.
/// Source: G. Niemeyer, geohash.org (2008), with the alphabet of that service.
/// </remarks>
public readonly record struct Geohash
{
    /// <summary>Characters of the longest name; such a cell is 2 cm high.</summary>
    public const int MaxLength = 12;

    private const string Alphabet = "0123456789bcdefghjkmnpqrstuvwxyz";
    private const int BitsOfCharacter = 5;

    private readonly int _column;
    private readonly int _row;
    private readonly byte _length;

    private Geohash(long column, long row, int length) => (_column, _row, _length) = ((int)column, (int)row, (byte)length);

    /// <summary>Characters of the name.</summary>
    public int Length => _length;

    /// <summary>A number that no other cell of the same length has; 0 or more.</summary>
    public long Number => ((long)_row * Columns) + _column;

    /// <summary>Degrees; -180 to 180.</summary>
    public double West => (_column * Width) - 180;

    /// <summary>Degrees; -90 to 90.</summary>
    public double South => (_row * Height) - 90;

    /// <summary>From west to east, in degrees.</summary>
    public double Width => 360.0 / Columns;

    /// <summary>From south to north, in degrees.</summary>
    public double Height => 180.0 / Rows;

    private long Columns => 1L << (((BitsOfCharacter * _length) + 1) / 2);

    private long Rows => 1L << (BitsOfCharacter * _length / 2);

    /// <summary>The cell that a place lies in. A place on an edge belongs to the cell east or north of it, where there is one.</summary>
    /// <param name="latitude">Degrees, -90 to 90.</param>
    /// <param name="longitude">Degrees, -180 to 180.</param>
    /// <param name="length">1 to <see cref="MaxLength"/>.</param>
    public static Geohash Of(double latitude, double longitude, int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxLength);
        var grid = new Geohash(0, 0, length);
        return new(
            Math.Clamp((long)((longitude + 180) * grid.Columns / 360), 0, grid.Columns - 1),
            Math.Clamp((long)((latitude + 90) * grid.Rows / 180), 0, grid.Rows - 1),
            length);
    }

    /// <summary>The cell that a location lies in.</summary>
    public static Geohash Of(in Location location, int length) => Of(location.Latitude, location.Longitude, length);

    /// <summary>The cell of this name, in either case; null when it is no name of a cell.</summary>
    public static Geohash? TryParse(ReadOnlySpan<char> name)
    {
        if (name.Length is 0 or > MaxLength)
        {
            return null;
        }

        var (column, row, isColumn) = (0L, 0L, true);
        foreach (var character in name)
        {
            var digit = Alphabet.IndexOf(char.ToLowerInvariant(character), StringComparison.Ordinal);
            if (digit < 0)
            {
                return null;
            }

            for (var bit = BitsOfCharacter - 1; bit >= 0; bit--, isColumn = !isColumn)
            {
                ref var half = ref isColumn ? ref column : ref row;
                half = (half << 1) | ((digit >> bit) & 1L);
            }
        }

        return new(column, row, name.Length);
    }

    /// <summary>
    /// The cell so many cells to the north and to the east; negative numbers lead south and west. Round the Earth, and over a pole to
    /// the cell opposite.
    /// </summary>
    /// <param name="north">At most the number of rows.</param>
    /// <param name="east">Any.</param>
    public Geohash Neighbour(int north, int east)
    {
        var (column, row) = ((long)_column + east, (long)_row + north);
        if (row < 0 || row >= Rows)
        {
            row = row < 0 ? -1 - row : (2 * Rows) - 1 - row;
            column += Columns / 2;
        }

        return new(((column % Columns) + Columns) % Columns, row, _length);
    }

    /// <summary>The cells of this length that a circle touches, nearest columns first.</summary>
    /// <param name="centre">Of the circle.</param>
    /// <param name="metres">Its radius; less than a quarter of the way round the Earth.</param>
    /// <param name="length">Of the cells' names.</param>
    /// <param name="most">
    /// Cells to return at most. Only near the poles, where cells are narrow, are there many: with 5 characters and 5 km, up to 40 at 75
    /// degrees, and all 8,192 columns at a pole itself.
    /// </param>
    public static List<Geohash> Touching(in Location centre, double metres, int length, int most)
    {
        var middle = Of(centre, length);
        var reach = (int)Math.Ceiling(metres / (GreatCircle.EarthRadiusMetres * Math.PI / 180) / middle.Height);
        var touched = new List<Geohash>();
        for (var east = 0; east <= middle.Columns / 2; east++)
        {
            var before = touched.Count;
            for (var row = Math.Max(0, middle._row - reach); row <= Math.Min(middle.Rows - 1, middle._row + reach); row++)
            {
                AddIfTouched(new Geohash(middle._column, row, length).Neighbour(0, east), centre, metres, touched);
                if (east > 0 && 2 * east != middle.Columns)
                {
                    AddIfTouched(new Geohash(middle._column, row, length).Neighbour(0, -east), centre, metres, touched);
                }
            }

            if (touched.Count == before)
            {
                break; // in each row the next column is farther
            }

            if (touched.Count >= most)
            {
                break;
            }
        }

        return touched.Count > most ? touched[..most] : touched;
    }

    /// <summary>From a place to the nearest point of the cell, in metres; 0 inside.</summary>
    public double MetresFrom(in Location place)
    {
        var (latitude, longitude) = (place.Latitude, place.Longitude);
        var eastOfWest = (longitude - West + 720) % 360;
        if (eastOfWest <= Width)
        {
            return GreatCircle.DistanceMetres(latitude, longitude, Math.Clamp(latitude, South, South + Height), longitude);
        }

        // The nearest point lies on the nearer of the two meridians: at the foot of the perpendicular from the place, or at the end
        // that is next to it. Beyond 90 degrees the foot lies behind the pole, and the clamp leads to the end at the pole.
        var apart = Math.Min(eastOfWest - Width, 360 - eastOfWest);
        var (sin, cos) = Math.SinCos(latitude * (Math.PI / 180));
        var foot = Math.Atan2(sin, cos * Math.Cos(apart * (Math.PI / 180))) * (180 / Math.PI);
        return GreatCircle.DistanceMetres(latitude, 0, Math.Clamp(foot, South, South + Height), apart);
    }

    /// <summary>The name, such as <c>u4pru</c>.</summary>
    public override string ToString() => string.Create(_length, this, static (name, cell) =>
    {
        var (columnBit, rowBit) = (cell.Columns >> 1, cell.Rows >> 1);
        var isColumn = true;
        foreach (ref var character in name)
        {
            var digit = 0;
            for (var i = 0; i < BitsOfCharacter; i++, isColumn = !isColumn)
            {
                ref var bit = ref isColumn ? ref columnBit : ref rowBit;
                digit = (digit << 1) | (((isColumn ? cell._column : cell._row) & bit) != 0 ? 1 : 0);
                bit >>= 1;
            }

            character = Alphabet[digit];
        }
    });

    private static void AddIfTouched(Geohash cell, in Location centre, double metres, List<Geohash> touched)
    {
        if (cell.MetresFrom(centre) <= metres)
        {
            touched.Add(cell);
        }
    }
}
