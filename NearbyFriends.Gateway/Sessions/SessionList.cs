using NearbyFriends.Core.Geo;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.Gateway.Watching;

namespace NearbyFriends.Gateway.Sessions;

/// <summary>
/// The list that a session shows: its friends tested against the radius around its user, and the messages that tell the client.
/// Not thread-safe: the session holds its lock, but for <see cref="IsClearlyOutside"/> and <see cref="Touch"/>.
/// </summary>
internal sealed class SessionList(SessionFriends friends, int capacity, MessageFormat format, SessionContext context)
{
    private const double StoodStillMetres = 1;
    private static readonly double StoodStillChord = GreatCircle.ChordSquaredOfMetres(StoodStillMetres);
    private static readonly TimeSpan SnapshotLifetime = TimeSpan.FromMinutes(5);

    private readonly NearbyList _list = new(capacity, context.PresenceOptions.RadiusMetres);
    private ListWriter? _writer;
    private UnitVector _toldCentre;
    private PageSnapshot? _snapshot;

    /// <summary>Radius in metres.</summary>
    public int RadiusMetres
    {
        get => _list.RadiusMetres;
        set => _list.RadiusMetres = value;
    }

    /// <inheritdoc cref="NearbyList.IsOpen"/>
    public bool IsOpen => _list.IsOpen;

    /// <summary>Whether there is something that the client was not told.</summary>
    public bool HasChanges => _list.IsOpen && _list.WaitingCount > 0;

    private ListWriter Writer => _writer ??= new(_list, friends, format, context);

    /// <inheritdoc cref="NearbyList.Touch"/>
    public void Touch(int friend) => _list.Touch(friend);

    /// <inheritdoc cref="NearbyList.IsClearlyOutside"/>
    public bool IsClearlyOutside(int friend, in Location location) => _list.IsClearlyOutside(friend, location);

    /// <inheritdoc cref="NearbyList.IsInside"/>
    public bool IsInside(int friend) => _list.IsInside(friend);

    /// <summary>Tests a friend who moved, hides or is inactive; true if the client has something to be told now that it did not before.</summary>
    public bool Test(int friend, FriendLocation location) => Test(friend, location, changed: true, context.Now);

    /// <summary>The same for a friend of whom the client hears again, whatever it was told.</summary>
    public bool TestAgain(int friend, FriendLocation location)
    {
        Writer.Forget(friend); // a flush may have been faster than the word of the friendship: the client hears of the place after it too
        return Test(friend, location);
    }

    /// <summary>The user moved: tests every friend from there. True if there is something to tell.</summary>
    public bool MoveTo(in Location own)
    {
        if (own.IsSamePlaceAs(_list.Centre))
        {
            return false;
        }

        // Compared with where distances were last told from: many small steps are a walk too.
        var position = own.Position;
        var changed = _toldCentre.ChordSquared(position) > StoodStillChord;
        if (changed)
        {
            _toldCentre = position;
            Writer.TellDistances();
        }

        _list.Centre = own;
        TestAll(changed);
        return _list.WaitingCount > 0;
    }

    /// <summary>Starts a new list around <paramref name="centre"/>; returns its first page.</summary>
    public MessageBuffer Open(in Location centre, string? reference)
    {
        _list.Open();
        Writer.Begin();
        _list.Centre = centre;
        _toldCentre = centre.Position;
        TestAll(changed: false);
        _list.TellAll();
        var order = Array.FindAll(Nearest(centre), _list.IsInside);
        _snapshot = new PageSnapshot(_list.Number, order, context.Now + (long)SnapshotLifetime.TotalMilliseconds);
        return Writer.Page(_snapshot, 0, reference);
    }

    /// <summary>Starts a new list without anybody on it; returns its page.</summary>
    public MessageBuffer OpenEmpty(string? reference)
    {
        _list.Open();
        return Writer.EmptyPage(reference);
    }

    /// <summary>Tells nothing until the next list; pages of this one are over.</summary>
    public void Close()
    {
        _list.Close();
        _snapshot = null;
        _writer?.End();
    }

    /// <summary>Whether the cursor names a page of the list that the client has.</summary>
    public bool HasPage(PageCursor cursor) =>
        _snapshot is { } snapshot && snapshot.ExpiresAt > context.Now && cursor.List == snapshot.List && cursor.Offset < snapshot.Order.Length;

    /// <summary>A page of which <see cref="HasPage"/> is true.</summary>
    public MessageBuffer Page(PageCursor cursor, string? reference) => Writer.Page(_snapshot!, cursor.Offset, reference);

    /// <inheritdoc cref="ListWriter.Changes"/>
    public MessageBuffer? Changes() => Writer.Changes();

    /// <inheritdoc cref="ListWriter.Nameless"/>
    public List<FriendLocation>? Nameless() => Writer.Nameless();

    /// <summary>Who on this page has no name here yet; null when nobody has none.</summary>
    public List<FriendLocation>? NamelessOf(PageCursor cursor) => NamelessOf(_snapshot!.Order, cursor.Offset);

    /// <summary>Who would be on the first page of a list around <paramref name="centre"/>, and has no name here yet; null when nobody.</summary>
    public List<FriendLocation>? NamelessAround(in Location centre) => NamelessOf(Nearest(centre), 0);

    /// <summary>A friend is none any more: leaves the list.</summary>
    public void Remove(int friend, long userId)
    {
        _list.Test(friend, null, changed: false);
        Writer.Remove(friend, userId);
    }

    /// <inheritdoc cref="ListWriter.Rest"/>
    public void Rest(long since) => _writer?.Rest(since);

    private void TestAll(bool changed)
    {
        var now = context.Now;
        for (var i = 0; i < friends.Count; i++)
        {
            if (friends.LocationOf(i) is { } location)
            {
                Test(i, location, changed, now);
            }
        }
    }

    private bool Test(int friend, FriendLocation location, bool changed, long now)
    {
        var tell = false;
        int sequence;
        do
        {
            var state = friends.SeenBy(friend, location.Read(out sequence), now);
            tell |= _list.Test(friend, context.Presence.IsPresent(state, now) ? state.Location : null, changed);
        }
        while (_list.IsInside(friend) && location.HasMovedSince(sequence)); // see NearbyList.IsClearlyOutside

        return tell;
    }

    /// <summary>Friends inside the radius around <paramref name="centre"/>, nearest first.</summary>
    private int[] Nearest(in Location centre)
    {
        var position = centre.Position;
        var radius = GreatCircle.ChordSquaredOfMetres(_list.RadiusMetres);
        var reach = BoundingBox.Around(centre, _list.RadiusMetres);
        var now = context.Now;
        var found = new List<(double Chord, int Friend)>();
        for (var i = 0; i < friends.Count; i++)
        {
            if (friends.LocationOf(i)?.Read() is { } known && friends.SeenBy(i, known, now) is var state && context.Presence.IsPresent(state, now) && reach.MayContain(state.Location)
                && position.ChordSquared(state.Location.Position) is var chord && chord <= radius)
            {
                found.Add((chord, i));
            }
        }

        found.Sort();
        return [.. found.Select(friend => friend.Friend)];
    }

    private List<FriendLocation>? NamelessOf(int[] order, int offset)
    {
        List<FriendLocation>? nameless = null;
        foreach (var friend in order.AsSpan(offset, Math.Min(context.Options.PageSize, order.Length - offset)))
        {
            if (friends.LocationOf(friend) is { DisplayName: null } location)
            {
                (nameless ??= []).Add(location);
            }
        }

        return nameless;
    }
}
