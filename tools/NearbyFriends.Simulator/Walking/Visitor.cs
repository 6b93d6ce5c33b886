namespace NearbyFriends.Simulator.Walking;

/// <summary>The user as whom one looks at the demo. The simulator creates it, and lets the page connect.</summary>
internal static class Visitor
{
    public static (string UserName, string DisplayName) Name => ("visitor", "You");

    /// <summary>The visitor, who comes after so many people, and the first thirty of them: pairs as friends.</summary>
    public static IEnumerable<(int A, int B)> Friends(int people) =>
        Enumerable.Range(0, Math.Min(people, Townspeople.Friends)).Select(friend => (friend, people));
}
