using NearbyFriends.Core;

namespace NearbyFriends.Gateway.OwnTracks;

/// <summary>
/// The tracker ids by which the OwnTracks apps tell friends apart: two letters or digits (three for those with very many
/// friends), different for each friend of a user, and the same with each answer.
/// </summary>
public static class TrackerIds
{
    private const string Characters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    /// <summary>An id for each friend; it changes only when another friend comes or goes that would have had the same.</summary>
    /// <param name="friends">All friends of one user, in the order of their ids.</param>
    public static IReadOnlyDictionary<long, string> Of(IReadOnlyList<long> friends)
    {
        var length = friends.Count <= Count(2) / 2 ? 2 : 3;
        var taken = new HashSet<int>(friends.Count);
        var ids = new Dictionary<long, string>(friends.Count);
        foreach (var friend in friends)
        {
            var number = StableHash.ToRange(StableHash.Of(friend), Count(length));
            while (!taken.Add(number))
            {
                number = (number + 1) % Count(length);
            }

            ids.Add(friend, Write(number, length));
        }

        return ids;
    }

    private static int Count(int length) => (int)Math.Pow(Characters.Length, length);

    private static string Write(int number, int length) => string.Create(length, number, static (text, rest) =>
    {
        for (var i = 0; i < text.Length; i++, rest /= Characters.Length)
        {
            text[i] = Characters[rest % Characters.Length];
        }
    });
}
