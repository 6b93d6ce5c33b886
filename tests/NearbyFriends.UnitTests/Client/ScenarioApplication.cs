using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using NearbyFriends.Client;
using NearbyFriends.Client.Lists;

namespace NearbyFriends.UnitTests.Client;

/// <summary>The application of one scenario: a client, what the application calls of it, and what the client told it.</summary>
internal sealed class ScenarioApplication
{
    /// <summary>A message of the gateway: what came before it has been handled once <see cref="BarrierAsync"/> completes.</summary>
    public const string Barrier = $$$"""{"type":"friendAdded","friend":{"id":"1","name":"{{{BarrierName}}}"}}""";

    private const string BarrierName = "barrier";

    // What the client handles itself; it tells them all the same.
    private static readonly string[] Handled = ["clock_skew", "cursor_expired", "no_location", "not_sharing", "partial"];

    private readonly ManualClock _clock;
    private readonly List<JsonArray> _events = [];
    private readonly List<bool> _fresh = [];
    private int _eventsTaken;
    private TaskCompletionSource _handled = new();

    public ScenarioApplication(ScriptedGateway gateway, ManualClock clock, double jitter, int? tokenSeconds)
    {
        _clock = clock;
        Client = new(gateway.Options(_clock) with
        {
            AccessToken = (refresh, _) =>
            {
                if (Client?.IsConnected != true) // else the session's next token is asked for
                {
                    _fresh.Add(refresh);
                }

                return Withheld-- > 0 ? throw new HttpRequestException("Withheld.") : ValueTask.FromResult(Token(tokenSeconds));
            },
            BackoffBase = TimeSpan.FromSeconds(1),
            BackoffMax = TimeSpan.FromSeconds(30),
            Random = new Always(jitter),
        });
        Client.Reconnecting += (_, _) => Reconnects++;
        Client.FriendLeft += (_, left) => Tell("left", Id(left.Friend.Id), left.Reason == LeaveReason.Away ? "away" : "gone");
        Client.FriendRemoved += (_, removed) => Tell("friendRemoved", Id(removed.Id));
        Client.FriendRequestChanged += (_, request) => Tell("friendRequest", request.Id, Id(request.From), Id(request.To), request.State, request.Name);
        Client.Alerted += (_, alert) => Tell("alert", Id(alert.FriendId), alert.Name, alert.Distance);
        Client.VisibilityChanged += (_, changed) => Tell("visibility", Id(changed.FriendId), changed.Shows, changed.Until);
        Client.FriendAdded += (_, added) =>
        {
            if (added.Name == BarrierName)
            {
                _handled.TrySetResult();
            }
            else
            {
                Tell("friendAdded", Id(added.Id), added.Name);
            }
        };
        Client.Error += (_, error) =>
        {
            if (!Handled.Contains(error.Code))
            {
                Tell("error", error.Code);
            }
        };
    }

    public NearbyClient Client { get; }

    /// <summary>So many requests for an access token fail from now on.</summary>
    public int Withheld { get; set; }

    /// <summary>How often a connection ended that is tried again.</summary>
    public int Reconnects { get; private set; }

    /// <summary>Completes when the next <see cref="Barrier"/> has been handled.</summary>
    public Task BarrierAsync()
    {
        _handled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return _handled.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    /// <summary>The events up to now were expected.</summary>
    public void TakeEvents() => _eventsTaken = _events.Count;

    /// <summary>What a scenario expects something of.</summary>
    public JsonNode? State(string name) => name switch
    {
        "list" => Array(Client.List.Friends.Select(friend => new JsonObject
        {
            ["id"] = Id(friend.Id),
            ["name"] = friend.Name,
            ["time"] = friend.Time,
            ["distance"] = Math.Round(friend.Distance),
            ["accuracy"] = friend.Accuracy,
            ["approximate"] = friend.IsApproximate,
        })),
        "strangers" => Array(Client.Strangers.People.Select(person => new JsonObject
        {
            ["id"] = Id(person.Id),
            ["name"] = person.Name,
            ["distance"] = Math.Round(person.Distance),
        })),
        "total" => Client.List.Total,
        "hasMore" => Client.List.HasMore,
        "sharing" => Client.IsSharing,
        "connection" => Client.Completion.IsCompleted ? "stopped" : Client.IsConnected ? "connected" : "waiting",
        "fresh" => Array(_fresh.ToArray().Select(fresh => JsonValue.Create(fresh))),
        "events" => Array(_events.ToArray().Skip(_eventsTaken).Select(told => told.DeepClone())),
        _ => throw new InvalidOperationException($"Nothing is expected of {name}."),
    };

    /// <summary>What a scenario calls.</summary>
    public async Task CallAsync(string name, int value)
    {
        var token = TestContext.Current.CancellationToken;
        await (name switch
        {
            "more" => new(MoreAsync()),
            "radius" => Client.SetRadiusAsync(value, token),
            "pace" => Client.SetFlushAsync(TimeSpan.FromMilliseconds(value), token),
            "strangers" => Client.ShowStrangersAsync(value, token),
            "background" => Client.EnterBackgroundAsync(token),
            "foreground" => Client.EnterForegroundAsync(token),
            "follow" => Client.FollowAsync(token),
            "forget" => Forget(),
            _ => throw new InvalidOperationException($"A call is not named {name}."),
        });
    }

    // The answer is a step of its own.
    private async Task MoreAsync()
    {
        var more = Client.MoreAsync(CancellationToken.None);
        _ = more.ContinueWith(ended => ended.Exception, TaskScheduler.Default);
        await Task.CompletedTask;
    }

    private ValueTask Forget()
    {
        Client.ForgetLocation();
        return ValueTask.CompletedTask;
    }

    private void Tell(params JsonNode?[] told) => _events.Add(new(told));

    private string Token(int? seconds) => seconds is { } life
        ? $"h.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes($$"""{"exp":{{(_clock.Milliseconds / 1_000) + life}}}"""))}.s"
        : "token";

    private static JsonArray Array(IEnumerable<JsonNode?> items) => new([.. items]);

    private static string Id(long id) => id.ToString(CultureInfo.InvariantCulture);

    private sealed class Always(double number) : Random
    {
        public override double NextDouble() => number;
    }
}
