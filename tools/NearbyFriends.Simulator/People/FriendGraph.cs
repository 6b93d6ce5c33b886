namespace NearbyFriends.Simulator.People;

/// <summary>Who is a friend of whom, among people numbered from 0; each pair once, the smaller number first.</summary>
public static class FriendGraph
{
    /// <summary>A random graph of this mean degree: every pair is as likely as any other. The same seed gives the same graph.</summary>
    public static IReadOnlyList<(int A, int B)> Random(int people, double meanDegree, Random random)
    {
        var possible = people * (people - 1L) / 2;
        var wanted = (int)Math.Min(possible, Math.Round(people * meanDegree / 2));
        var edges = new HashSet<(int, int)>(wanted);
        while (edges.Count < wanted)
        {
            var (a, b) = (random.Next(people), random.Next(people));
            if (a != b)
            {
                edges.Add((Math.Min(a, b), Math.Max(a, b)));
            }
        }

        return [.. edges.Order()];
    }

    /// <summary>
    /// Lays recorded friendships on <paramref name="people"/> by rank: the person ranked k-th stands for the recorded user
    /// with the k-th highest degree (ties by id); friendships with whom nobody stands for are dropped.
    /// </summary>
    public static IReadOnlyList<(int A, int B)> ByRank(int people, IReadOnlyCollection<(long A, long B)> recorded)
    {
        var rank = recorded.SelectMany(edge => (long[])[edge.A, edge.B])
            .CountBy(user => user)
            .OrderByDescending(user => user.Value).ThenBy(user => user.Key)
            .Take(people)
            .Select((user, index) => (user.Key, index))
            .ToDictionary();
        return [.. recorded
            .Where(edge => edge.A != edge.B && rank.ContainsKey(edge.A) && rank.ContainsKey(edge.B))
            .Select(edge => (Math.Min(rank[edge.A], rank[edge.B]), Math.Max(rank[edge.A], rank[edge.B])))
            .Distinct()
            .Order()];
    }
}
