using NearbyFriends.Client.Connection;
using NearbyFriends.Client.Rest;
using NearbyFriends.Tools;

namespace NearbyFriends.Simulator;

/// <summary>Reports failures of commands that use the client.</summary>
internal static class ClientFailures
{
    /// <inheritdoc cref="Failures.ReportAsync"/>
    public static Task<int> ReportAsync(Func<Task<int>> command) =>
        Failures.ReportAsync(command, failure => failure is NearbyApiException or NearbyStoppedException);
}
