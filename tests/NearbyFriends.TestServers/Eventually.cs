using System.Diagnostics;

namespace NearbyFriends.TestServers;

/// <summary>Awaits what another thread, process or server is about to bring about.</summary>
/// <example><code>await Eventually.True(() => received.Count == 3, "three messages arrive");</code></example>
public static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(15);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Returns as soon as <paramref name="condition"/> holds.</summary>
    /// <param name="condition">Asked every 15 ms.</param>
    /// <param name="what">What is expected, in words that complete "Expected within 60 s: ".</param>
    /// <param name="deadline">How long to wait for it; 60 s when null.</param>
    /// <exception cref="TimeoutException">It did not hold before the deadline; the message is a sentence that says so.</exception>
    public static Task True(Func<bool> condition, string what, TimeSpan? deadline = null) =>
        True(() => Task.FromResult(condition()), what, deadline);

    /// <inheritdoc cref="True(Func{bool}, string, TimeSpan?)"/>
    /// <remarks>An exception thrown by <paramref name="condition"/> ends the wait: it is not taken for "not yet".</remarks>
    public static async Task True(Func<Task<bool>> condition, string what, TimeSpan? deadline = null)
    {
        var patience = deadline ?? Patience;
        var waited = Stopwatch.StartNew();
        while (!await condition())
        {
            if (waited.Elapsed > patience)
            {
                throw new TimeoutException($"Expected within {patience.TotalSeconds:0.#} s: {what}.");
            }

            await Task.Delay(Pause);
        }
    }
}
