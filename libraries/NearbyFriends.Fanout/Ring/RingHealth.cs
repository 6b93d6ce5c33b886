using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace NearbyFriends.Fanout.Ring;

/// <summary>
/// Degraded while a pub/sub server is dead, etcd does not answer, or a connection string is missing. The service continues.
/// </summary>
public sealed class RingHealth(RingState state) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var complaints = new List<string>();
        var record = state.Record;
        if (record.Lost.Length > 0)
        {
            complaints.Add($"dead: {string.Join(", ", record.Lost.Select(lost => $"{lost.Name} since {lost.Since:u}"))}");
        }

        if (state.IsDiscoveryAway)
        {
            complaints.Add("etcd does not answer: the ring stays as it is");
        }

        if (state.Unconfigured.Count > 0)
        {
            complaints.Add($"no connection string for {string.Join(", ", state.Unconfigured)}");
        }

        var data = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["appliedEpoch"] = state.AppliedEpoch,
            ["latestEpoch"] = record.LatestEpoch,
            ["standbys"] = record.Standbys.Length,
        };
        return Task.FromResult(complaints.Count == 0
            ? HealthCheckResult.Healthy(data: data)
            : HealthCheckResult.Degraded($"The ring: {string.Join("; ", complaints)}.", data: data));
    }
}
