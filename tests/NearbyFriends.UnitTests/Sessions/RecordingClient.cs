using System.Text;
using System.Text.Json;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.Gateway.Sessions;

namespace NearbyFriends.UnitTests.Sessions;

/// <summary>A client that keeps what it is sent; it takes messages at once, unless it is held up.</summary>
internal sealed class RecordingClient : Transport
{
    private TaskCompletionSource? _heldUp;
    private Action? _whenHeard;

    public override MessageFormat Format => MessageFormat.Json;

    public List<JsonElement> Received { get; } = [];

    public JsonElement Last => Received[^1];

    public int? CloseCode { get; private set; }

    /// <summary>Takes no more messages until <see cref="GoOn"/>: the next one stays under way.</summary>
    public void HoldUp() => _heldUp = new TaskCompletionSource();

    public void GoOn()
    {
        var heldUp = _heldUp!;
        _heldUp = null;
        heldUp.SetResult();
    }

    public override ValueTask SendAsync(MessageBuffer message)
    {
        Received.Add(JsonElement.Parse(Encoding.UTF8.GetString(message.Written.Span)));
        return _heldUp is { } heldUp ? new ValueTask(heldUp.Task) : ValueTask.CompletedTask;
    }

    /// <summary>Gives a sign of life.</summary>
    public void Answer()
    {
        var whenHeard = _whenHeard;
        _whenHeard = null;
        whenHeard?.Invoke();
    }

    public override void WhenHeard(Action heard) => _whenHeard += heard;

    public override void KeepAlive()
    {
        // it is never silent
    }

    public override Task CloseAsync(int code, string reason)
    {
        CloseCode = code;
        return Task.CompletedTask;
    }

    /// <summary>Type of each message, in order.</summary>
    public IEnumerable<string> Types() => Received.Select(message => message.GetProperty("type").GetString()!);
}
