using Microsoft.Extensions.Time.Testing;
using NearbyFriends.Core;
using NearbyFriends.ServiceDefaults.Problems;

namespace NearbyFriends.UnitTests.Telemetry;

/// <summary>An outage is a line a minute, not one for each user, session or message.</summary>
public sealed class LogThrottleTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void The_first_failure_is_told_at_once_and_those_of_the_next_minute_with_the_first_after_it()
    {
        var throttle = new LogThrottle(_clock);

        Assert.Equal([1, 0, 0], Enumerable.Range(0, 3).Select(_ => throttle.Add()));
        _clock.Advance(LogThrottle.Every - TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, throttle.Add());
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(4, throttle.Add());
        Assert.Equal(0, throttle.Add());
    }

    [Fact]
    public void Requests_that_fail_because_a_server_is_unavailable_are_counted_and_faults_of_the_service_are_told_each()
    {
        var logger = new RecordingLogger<FailedRequests>();
        var failures = new FailedRequests(_clock, logger);

        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(ProblemKind.Unavailable, failures.Report(new TimeoutException()));
        }

        Assert.Equal(ProblemKind.Unavailable, failures.Report(new TaskCanceledException("An HttpClient's time is over.", new TimeoutException())));
        Assert.Equal(["A server is unavailable; 1 requests since the last such line failed"], logger.Lines);
        Assert.Equal(ProblemKind.ServerError, failures.Report(new InvalidOperationException()));
        Assert.Equal(ProblemKind.ServerError, failures.Report(new InvalidOperationException()));
        Assert.Equal(3, logger.Lines.Count);
    }
}
