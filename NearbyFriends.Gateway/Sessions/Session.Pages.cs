using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using NearbyFriends.Core.Geo;
using NearbyFriends.Gateway.Protocol;

namespace NearbyFriends.Gateway.Sessions;

/// <summary>Pages of the list: the first opens it, later ones walk a snapshot of ids and order.</summary>
public sealed partial class Session
{
    private static readonly TimeSpan SnapshotLifetime = TimeSpan.FromMinutes(5);
    private Snapshot? _snapshot;

    /// <summary>Sends the page that <paramref name="cursor"/> names; false when it names none, or none any more.</summary>
    public async Task<bool> SendPageAsync(string cursor, string? reference)
    {
        int[] friends;
        int offset;
        lock (_gate)
        {
            if (_snapshot is not { } snapshot || snapshot.ExpiresAt <= _context.Now || !TryReadCursor(cursor, out var list, out offset)
                || list != snapshot.List || offset >= snapshot.Order.Length)
            {
                return false;
            }

            friends = snapshot.Order;
        }

        await EnsureNamesAsync(friends.AsMemory(offset, Math.Min(_context.Options.PageSize, friends.Length - offset)));
        lock (_gate)
        {
            if (_snapshot?.Order != friends)
            {
                return false;
            }

            Reply(Page(_snapshot, offset, reference));
        }

        Pump();
        return true;
    }

    private async Task OpenListAsync()
    {
        int[] nearest;
        lock (_gate)
        {
            nearest = OwnLocation() is { } centre ? Nearest(centre) : [];
        }

        await EnsureNamesAsync(nearest.AsMemory(0, Math.Min(_context.Options.PageSize, nearest.Length)));
        lock (_gate)
        {
            _isOpening = false;
            if (_isClosed || _isInBackground || OwnLocation() is not { } centre)
            {
                _openingRef = null;
                return;
            }

            _list.Open();
            _toldTimes?.Clear();
            _toldAt = _context.Now;
            _list.Centre = centre;
            _toldCentre = centre.Position;
            TestAll(changed: false);
            _list.TellAll();
            var order = Nearest(centre).Where(_list.IsInside).ToArray();
            _snapshot = new Snapshot(_list.Number, order, _context.Now + (long)SnapshotLifetime.TotalMilliseconds);
            Reply(Page(_snapshot, 0, _openingRef));
            _openingRef = null;
        }

        Pump();
    }

    /// <summary>Friends inside the radius around <paramref name="centre"/>, nearest first.</summary>
    private int[] Nearest(in Location centre)
    {
        var position = centre.Position;
        var radius = GreatCircle.ChordSquaredOfMetres(_list.RadiusMetres);
        var reach = BoundingBox.Around(centre, _list.RadiusMetres);
        var now = _context.Now;
        var found = new List<(double Chord, int Friend)>();
        for (var i = 0; i < _friends.Count; i++)
        {
            if (_friends.LocationOf(i)?.Read() is { } state && _context.Presence.IsPresent(state, now) && reach.MayContain(state.Location)
                && position.ChordSquared(state.Location.Position) is var chord && chord <= radius)
            {
                found.Add((chord, i));
            }
        }

        found.Sort();
        return found.ConvertAll(f => f.Friend).ToArray();
    }

    private MessageBuffer Page(Snapshot snapshot, int offset, string? reference)
    {
        var size = _context.Options.PageSize;
        var entries = new List<FriendEntry>(size);
        foreach (var friend in snapshot.Order.AsSpan(offset, Math.Min(size, snapshot.Order.Length - offset)))
        {
            if (_list.IsInside(friend) && _friends.LocationOf(friend) is { } location)
            {
                entries.Add(Entry(location, location.Read(), withName: true) with { DisplayName = location.DisplayName ?? "" });
                if (location.DisplayName is not null)
                {
                    _list.SetNamed(friend);
                }
            }
        }

        var next = offset + size;
        var cursor = next < snapshot.Order.Length ? WriteCursor(snapshot.List, next) : null;
        return Format.Nearby(
            snapshot.List, (offset / size) + 1, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(entries), _list.Total, cursor, reference);
    }

    private FriendEntry Entry(FriendLocation location, in FriendState state, bool withName) => new(
        location.UserId,
        withName ? location.DisplayName : null,
        state.Location,
        _list.DistanceTo(state.Location));

    private Task EnsureNamesAsync(ReadOnlyMemory<int> friends)
    {
        List<FriendLocation>? missing = null;
        lock (_gate)
        {
            foreach (var friend in friends.Span)
            {
                if (_friends.LocationOf(friend) is { DisplayName: null } location)
                {
                    (missing ??= []).Add(location);
                }
            }
        }

        return missing is null ? Task.CompletedTask : _context.Names.EnsureAsync(missing);
    }

    private static string WriteCursor(int list, int offset) =>
        Base64Url.EncodeToString(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{list}/{offset}")));

    private static bool TryReadCursor(string cursor, out int list, out int offset)
    {
        list = offset = 0;
        Span<byte> bytes = stackalloc byte[32];
        if (cursor.Length > 40 || Base64Url.DecodeFromChars(cursor, bytes, out _, out var written) != OperationStatus.Done)
        {
            return false;
        }

        var text = Encoding.ASCII.GetString(bytes[..written]);
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0
            && int.TryParse(text.AsSpan(0, slash), NumberStyles.None, CultureInfo.InvariantCulture, out list)
            && int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out offset)
            && offset > 0;
    }

    /// <summary>Which friends were inside, and in which order, when a list began.</summary>
    private sealed record Snapshot(int List, int[] Order, long ExpiresAt);
}
