using StackExchange.Redis;

namespace NearbyFriends.IntegrationTests.Systems;

/// <summary>A test's own connection to a Redis that stays up.</summary>
internal static class OwnConnection
{
    /// <summary>Connects within half a minute: a busy machine does not within the 5 s of the default.</summary>
    public static Task<ConnectionMultiplexer> OpenAsync(string connectionString) =>
        ConnectionMultiplexer.ConnectAsync(connectionString + ",connectTimeout=30000");
}
