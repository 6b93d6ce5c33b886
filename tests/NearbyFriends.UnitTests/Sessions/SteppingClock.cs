using Microsoft.Extensions.Time.Testing;

namespace NearbyFriends.UnitTests.Sessions;

/// <summary>A clock that the test advances, and whose wall clock it may set wrong: timers and the monotonic clock do not follow.</summary>
internal sealed class SteppingClock() : FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(1_764_000_000_000))
{
    /// <summary>By how much the wall clock is wrong.</summary>
    public TimeSpan Wrong { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Wrong;

    public override long GetTimestamp() => base.GetUtcNow().Ticks;
}
