using FsCheck;
using FsCheck.Fluent;
using NearbyFriends.Api.Nearby;
using NearbyFriends.Api.Paging;

namespace NearbyFriends.UnitTests.Paging;

/// <summary>What holds for cursors, whatever list they lead through.</summary>
public sealed class CursorProperties
{
    private static readonly Arbitrary<int[]> Ids = Gen.Choose(1, 60).ArrayOf().ToArbitrary();

    [Fact]
    public void A_cursor_is_read_back_as_it_was_written() => Prop.ForAll(ArbMap.Default.ArbFor<long>(), after =>
        Cursor.TryParse(new Cursor(after).ToString(), out var read) && read == new Cursor(after))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void A_cursor_of_a_nearby_list_is_read_back_as_it_was_written() => Prop.ForAll(
        ArbMap.Default.ArbFor<Guid>(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (snapshot, offset) =>
        NearbyCursor.TryParse(new NearbyCursor(snapshot, offset).ToString(), out var read) && read == new NearbyCursor(snapshot, offset))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void Any_text_is_a_cursor_or_refused_but_never_an_error() => Prop.ForAll(ArbMap.Default.ArbFor<string>(), text =>
        (!Cursor.TryParse(text, out var cursor) || Cursor.TryParse(cursor.ToString(), out _))
        && (!NearbyCursor.TryParse(text, out var nearby) || nearby.Offset >= 0))
        .Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    /// <summary>A list that changes between its pages: each page sees the list as it is by then.</summary>
    [Fact]
    public void Pages_of_a_changing_list_show_nobody_twice_and_miss_nobody_who_stayed() => Prop.ForAll(
        Ids, Gen.Choose(1, 7).ToArbitrary(), Gen.Choose(1, 60).Zip(ArbMap.Default.GeneratorFor<bool>()).ListOf().ToArbitrary(), (start, limit, changes) =>
        {
            var list = new SortedSet<long>(start.Select(id => (long)id));
            var stayed = new HashSet<long>(list);
            var seen = new List<long>();
            var change = 0;
            string? cursor = null;
            do
            {
                var after = Cursor.TryParse(cursor, out var read) ? read.After : long.MinValue;
                var page = Page.Of(list.Where(id => id > after).Take(limit + 1).ToList(), limit, id => id, id => $"{id}");
                seen.AddRange(page.Items.Select(long.Parse));
                cursor = page.Cursor;
                if (change < changes.Count)
                {
                    var (id, added) = changes[change++];
                    if (added ? list.Add(id) : list.Remove(id))
                    {
                        stayed.Remove(id);
                    }
                }
            }
            while (cursor is not null);

            return seen.SequenceEqual(seen.Distinct().Order()) && stayed.IsSubsetOf(seen);
        })
        .Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
}
