using NearbyFriends.Gateway.Protocol;
using NearbyFriends.Gateway.Sessions;

namespace NearbyFriends.Benchmarks.Fanout;

/// <summary>A client that takes every message at once.</summary>
internal sealed class SwallowingTransport : Transport
{
    public override MessageFormat Format => MessageFormat.Json;

    public override ValueTask SendAsync(MessageBuffer message) => ValueTask.CompletedTask;

    public override void KeepAlive()
    {
        // it is never silent
    }

    public override Task CloseAsync(int code, string reason) => Task.CompletedTask;
}
