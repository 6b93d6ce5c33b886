using NearbyFriends.Core.Geo;

namespace NearbyFriends.Gateway.Strangers;

/// <summary>
/// One session's view of the strangers around its user. It looks when its pace allows: watches the cells that its circle touches by
/// then, finds the nearest people on the map, and tells the client what changed.
/// </summary>
/// <remarks>
/// Looking costs the same whether one or a thousand updates came since, and nothing is queued for it: a slow client or one in the
/// background skips looks, and the next one makes up for them. It calls its session, and the map, under its own lock; nobody calls it
/// under theirs.
/// </remarks>
public sealed class StrangerWatch
{
    /// <summary>Cells that one session watches at most: all of them, but within some 900 km of a pole, where cells are narrow.</summary>
    public const int MostCells = 64;

    private readonly Lock _gate = new();
    private readonly IStrangerViewer _viewer;
    private readonly StrangerContext _context;
    private readonly StrangerList _list;
    private readonly List<SeenStranger> _seen = [];
    private long[] _excluded = [];
    private List<Geohash> _cells = [];
    private Location? _centre; // around which the cells lie
    private int _radius;
    private bool _isShowing;
    private bool _isMoving; // to other cells
    private bool _isNaming;
    private bool _triedNames;
    private bool _isClosed;
    private string? _ref;

    public StrangerWatch(IStrangerViewer viewer, StrangerContext context)
    {
        (_viewer, _context) = (viewer, context);
        _list = new StrangerList(context.Pseudonyms, viewer.UserId, context.Snapping.Metres / 10);
    }

    /// <summary>Shows strangers within this radius from now on, in a new list; radius 0 ends it.</summary>
    /// <param name="radius">Metres.</param>
    /// <param name="excluded">Friends, and blocks of either side.</param>
    /// <param name="reference">The client's <c>ref</c>, echoed in the answer.</param>
    public void Show(int radius, IEnumerable<long> excluded, string? reference)
    {
        lock (_gate)
        {
            _radius = radius;
            _excluded = [.. excluded.Append(_viewer.UserId).Distinct().Order()];
            _ref = reference;
            _centre = null;
            Restart();
        }

        Look();
    }

    /// <summary>This user is a friend now, or there is a block: not to be shown until the client asks anew.</summary>
    public void Exclude(long userId)
    {
        lock (_gate)
        {
            if (Array.BinarySearch(_excluded, userId) is < 0 and var before)
            {
                _excluded = [.. _excluded[..~before], userId, .. _excluded[~before..]];
            }
        }
    }

    /// <summary>The session ended.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            ReleaseCells();
        }
    }

    /// <summary>
    /// Looks, and tells what changed. False when the session ended, and needs no other look.
    /// </summary>
    public bool Look()
    {
        lock (_gate)
        {
            if (_isClosed || _viewer.IsClosed)
            {
                _isClosed = true; // a session that ended before it had this watch could not close it
                ReleaseCells();
                return false;
            }

            if (_radius == 0 || _viewer.StrangerConsent.Version == 0 || !_viewer.Own.Read().SharesAt(_context.Now))
            {
                ShowNobody();
            }
            else if (_viewer.IsReadyForMore && MoveWithUser())
            {
                Tell();
            }

            return true;
        }
    }

    /// <summary>Milliseconds of the monotonic clock at which the next look is due.</summary>
    public long NextLookAt(long now) => now + Math.Max(_viewer.FlushEveryMs, _context.RefreshEveryMs);

    private void ShowNobody()
    {
        ReleaseCells();
        if (!_isShowing)
        {
            return;
        }

        _isShowing = false;
        _list.Restart(_context.Today);
        Send([], 0);
    }

    /// <summary>Watches the cells around the user; true once who is in them is known.</summary>
    private bool MoveWithUser()
    {
        var own = _viewer.Own.Read();
        if (own.HasLocation && _centre?.IsSamePlaceAs(own.Location) != true && !_isMoving)
        {
            _centre = own.Location;
            var cells = Geohash.Touching(own.Location, _radius, Snapping.CellLength, MostCells);
            if (!cells.ToHashSet().SetEquals(_cells))
            {
                _isMoving = true;
                _ = MoveAsync(cells);
            }
        }

        return _cells.Count > 0 && _centre is not null;
    }

    private async Task MoveAsync(List<Geohash> cells)
    {
        await _context.Cells.AcquireAsync(cells);
        lock (_gate)
        {
            _isMoving = false;
            if (_isClosed)
            {
                _context.Cells.Release(cells);
                return;
            }

            _context.Cells.Release(_cells);
            _cells = cells;
        }

        Look();
    }

    private void Tell()
    {
        if (_list.IsOfAnotherDay(_context.Today))
        {
            Restart();
        }

        var total = _context.Map.Look(
            new(_viewer.UserId, _centre!.Value.Position, GreatCircle.ChordSquaredOfMetres(_radius), StrangerList.Most, _cells, _excluded, _list.Told), _seen);
        if (!_triedNames && _seen.Exists(person => person.Name is null))
        {
            if (!_isNaming)
            {
                _isNaming = true;
                _ = NameAsync([.. _seen.Where(person => person.Name is null).Select(person => person.UserId)]);
            }

            return; // told with their names, once these are there or cannot be read
        }

        (_triedNames, _isShowing) = (false, true);
        Send(_seen, total);
    }

    private async Task NameAsync(List<long> nameless)
    {
        await _context.Names.ReadAsync(nameless);
        lock (_gate)
        {
            (_isNaming, _triedNames) = (false, true);
        }

        Look();
    }

    private void Restart()
    {
        _isShowing = true;
        _list.Restart(_context.Today);
    }

    private void Send(List<SeenStranger> seen, int total)
    {
        if (_list.Update(seen, total, _viewer.Format, _ref) is { } message)
        {
            _ref = null;
            _viewer.Send(message);
        }
    }

    private void ReleaseCells()
    {
        _context.Cells.Release(_cells);
        _cells = [];
        _centre = null;
    }
}
