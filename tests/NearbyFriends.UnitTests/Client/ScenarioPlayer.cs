using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using NearbyFriends.Client;
using NearbyFriends.Client.Lists;
using NearbyFriends.TestServers;

namespace NearbyFriends.UnitTests.Client;

/// <summary>The gateway, the clock and the application of one scenario, around a client.</summary>
internal sealed class ScenarioPlayer : IAsyncDisposable
{
    private const double MetresPerDegree = 111_195;

    // What the client handles itself; it tells them all the same.
    private static readonly string[] Handled = ["clock_skew", "cursor_expired", "no_location", "not_sharing", "partial"];

    private readonly ManualClock _clock;
    private readonly ScriptedGateway _gateway;
    private readonly NearbyClient _client;
    private readonly List<JsonObject> _sent = [];
    private readonly List<JsonArray> _events = [];
    private readonly List<bool> _fresh = [];
    private ScriptedGateway.Session? _session;
    private ScriptedGateway.Session? _welcomed;
    private int _sentTaken;
    private int _eventsTaken;
    private int _reconnects;
    private TaskCompletionSource _handled = new();

    private ScenarioPlayer(ScriptedGateway gateway, ManualClock clock, double jitter, int? tokenSeconds)
    {
        (_gateway, _clock) = (gateway, clock);
        _client = new(gateway.Options(_clock) with
        {
            AccessToken = (refresh, _) =>
            {
                if (_client?.IsConnected != true) // else the session's next token is asked for
                {
                    _fresh.Add(refresh);
                }

                return ValueTask.FromResult(Token(tokenSeconds));
            },
            BackoffBase = TimeSpan.FromSeconds(1),
            BackoffMax = TimeSpan.FromSeconds(30),
            Random = new Always(jitter),
        });
        _client.Reconnecting += (_, _) => _reconnects++;
        _client.FriendLeft += (_, left) => Tell("left", Id(left.Friend.Id), left.Reason == LeaveReason.Away ? "away" : "gone");
        _client.FriendRemoved += (_, removed) => Tell("friendRemoved", Id(removed.Id));
        _client.FriendRequestChanged += (_, request) => Tell("friendRequest", request.Id, Id(request.From), Id(request.To), request.State, request.Name);
        _client.Alerted += (_, alert) => Tell("alert", Id(alert.FriendId), alert.Name, alert.Distance);
        _client.VisibilityChanged += (_, changed) => Tell("visibility", Id(changed.FriendId), changed.Shows, changed.Until);
        _client.FriendAdded += (_, added) =>
        {
            if (added.Name == "barrier")
            {
                _handled.TrySetResult();
            }
            else
            {
                Tell("friendAdded", Id(added.Id), added.Name);
            }
        };
        _client.Error += (_, error) =>
        {
            if (!Handled.Contains(error.Code))
            {
                Tell("error", error.Code);
            }
        };
    }

    /// <summary>Starts to connect.</summary>
    /// <param name="jitter">The client's only random number, 0 to 1.</param>
    /// <param name="tokenSeconds">The life of each access token; null for tokens that do not tell when it ends.</param>
    public static async Task<ScenarioPlayer> StartAsync(double jitter, int? tokenSeconds)
    {
        var clock = new ManualClock();
        var player = new ScenarioPlayer(await ScriptedGateway.StartAsync(clock), clock, jitter, tokenSeconds);
        _ = player._client.ConnectAsync(CancellationToken.None);
        return player;
    }

    public async ValueTask DisposeAsync()
    {
        _session?.Abort();
        await _client.DisposeAsync();
        await _gateway.DisposeAsync();
    }

    public async Task PlayAsync(JsonObject step)
    {
        foreach (var (name, value) in step)
        {
            await (name switch
            {
                "welcome" => WelcomeAsync(value!.AsObject()),
                "say" => SayAsync(value!.AsObject()),
                "close" => CloseAsync((int)value!),
                "refuse" => Refuse((int)value!["status"]!, (string?)value["retryAfter"]),
                "advance" => AdvanceAsync((int)value!),
                "report" => ReportAsync((double)value!["lat"]!, (double)value["lon"]!, (double?)value["accuracy"]),
                "travel" => TravelAsync((double)value!["metresPerSecond"]!, (int)value["seconds"]!, (double?)value["accuracy"]),
                "call" => CallAsync((string)value!, (int?)step["with"] ?? 0),
                "with" => Task.CompletedTask,
                "expect" => ExpectAsync(value!.AsObject()),
                _ => throw new InvalidOperationException($"A step is not called {name}."),
            });
        }
    }

    private async Task WelcomeAsync(JsonObject changes)
    {
        var welcome = JsonNode.Parse(
            $$"""
            {"type":"welcome","userId":"1","sessionId":"s","sharing":true,"radius":8047,"pageSize":20,"flushMs":2000,"updateEveryMs":30000,
             "inactiveAfterMs":600000,"now":{{_clock.Milliseconds}}}
            """)!.AsObject();
        foreach (var (name, value) in changes)
        {
            welcome[name] = value?.DeepClone();
        }

        // A session that was welcomed before is one that the client has left.
        Collect();
        _session = _session == _welcomed ? null : _session;
        _welcomed = await SessionAsync();
        await SendAsync(welcome);
    }

    private async Task SayAsync(JsonObject message)
    {
        var copy = message.DeepClone().AsObject();
        if ((string?)copy["ref"] is ['@', .. var asked])
        {
            copy["ref"] = await RefAsync(asked);
        }

        await SendAsync(copy);
    }

    // Whatever comes after the message has been handled when this returns.
    private async Task SendAsync(JsonObject message)
    {
        var session = await SessionAsync();
        _handled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await session.SendAsync(message.ToJsonString());
        await session.SendAsync("""{"type":"friendAdded","friend":{"id":"1","name":"barrier"}}""");
        await _handled.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    private async Task CloseAsync(int code)
    {
        var session = await SessionAsync();
        var before = _reconnects;
        if (code == 1006)
        {
            session.Abort();
        }
        else
        {
            await session.CloseAsync(code);
        }

        Collect();
        _session = null;
        await Eventually.True(() => _reconnects > before || IsStopped, "the client knows that the connection ended");
        await SettleAsync();
    }

    private Task Refuse(int status, string? retryAfter)
    {
        _gateway.Refusals.Enqueue((status, retryAfter));
        return Task.CompletedTask;
    }

    private async Task AdvanceAsync(int milliseconds)
    {
        _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
        if (_session is null)
        {
            await SettleAsync();
        }
    }

    // A client without a session waits for the clock, is connecting, or has stopped.
    private Task SettleAsync() => Eventually.True(() => IsStopped || _gateway.HasNext || _clock.Timers > 1, "the client waits or connects");

    private async Task ReportAsync(double latitude, double longitude, double? accuracy) =>
        await _client.ReportAsync(new(latitude, longitude, _client.Now, accuracy), TestContext.Current.CancellationToken);

    private async Task TravelAsync(double metresPerSecond, int seconds, double? accuracy)
    {
        for (var second = 0; second <= seconds; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(second > 0 ? 1 : 0));
            await ReportAsync(10 + (metresPerSecond * second / MetresPerDegree), 20, accuracy);
        }
    }

    private async Task CallAsync(string name, int value)
    {
        var token = TestContext.Current.CancellationToken;
        await (name switch
        {
            "more" => new(MoreAsync()),
            "radius" => _client.SetRadiusAsync(value, token),
            "pace" => _client.SetFlushAsync(TimeSpan.FromMilliseconds(value), token),
            "strangers" => _client.ShowStrangersAsync(value, token),
            "background" => _client.EnterBackgroundAsync(token),
            "foreground" => _client.EnterForegroundAsync(token),
            "follow" => _client.FollowAsync(token),
            "forget" => Forget(),
            _ => throw new InvalidOperationException($"A call is not named {name}."),
        });
    }

    // The answer is a step of its own.
    private async Task MoreAsync()
    {
        var more = _client.MoreAsync(CancellationToken.None);
        _ = more.ContinueWith(ended => ended.Exception, TaskScheduler.Default);
        await Task.CompletedTask;
    }

    private ValueTask Forget()
    {
        _client.ForgetLocation();
        return ValueTask.CompletedTask;
    }

    private async Task ExpectAsync(JsonObject expected)
    {
        foreach (var (name, value) in expected)
        {
            try
            {
                await Eventually.True(() => name != "sent" || Collect() - _sentTaken >= value!.AsArray().Count, "it is sent");
                await FlushAsync();
                await Eventually.True(() => Matches(Element(value), Element(State(name))), "it is so");
            }
            catch (TimeoutException)
            {
                Assert.Fail($"{name}: expected {value?.ToJsonString()}, but it is {State(name)?.ToJsonString()}");
            }

            (_sentTaken, _eventsTaken) = (name == "sent" ? _sent.Count : _sentTaken, name == "events" ? _events.Count : _eventsTaken);
        }
    }

    private JsonNode? State(string name) => name switch
    {
        "list" => Array(_client.List.Friends.Select(friend => new JsonObject
        {
            ["id"] = Id(friend.Id),
            ["name"] = friend.Name,
            ["time"] = friend.Time,
            ["distance"] = Math.Round(friend.Distance),
            ["accuracy"] = friend.Accuracy,
            ["approximate"] = friend.IsApproximate,
        })),
        "strangers" => Array(_client.Strangers.People.Select(person => new JsonObject
        {
            ["id"] = Id(person.Id),
            ["name"] = person.Name,
            ["distance"] = Math.Round(person.Distance),
        })),
        "total" => _client.List.Total,
        "hasMore" => _client.List.HasMore,
        "sharing" => _client.IsSharing,
        "connection" => IsStopped ? "stopped" : _client.IsConnected ? "connected" : "waiting",
        "fresh" => Array(_fresh.ToArray().Select(fresh => JsonValue.Create(fresh))),
        "sent" => Sent(),
        "events" => Array(_events.ToArray().Skip(_eventsTaken).Select(told => told.DeepClone())),
        _ => throw new InvalidOperationException($"Nothing is expected of {name}."),
    };

    private bool IsStopped => _client.Completion.IsCompleted;

    private JsonArray Sent() => Array(_sent.Skip(_sentTaken).Select(message => message.DeepClone()));

    // Of gathered points, how many.
    private int Collect()
    {
        while (_session is not null && _session.Received.TryRead(out var message))
        {
            if (message.GetProperty("type").ValueEquals("closed"u8))
            {
                continue;
            }

            Assert.InRange(message.GetRawText().Length, 2, 4_096);
            var copy = JsonObject.Create(message)!;
            if (copy["items"] is JsonArray items)
            {
                copy["items"] = items.Count;
            }

            _sent.Add(copy);
        }

        return _sent.Count;
    }

    // What the client sent before has arrived when this returns.
    private async Task FlushAsync()
    {
        if (!_client.IsConnected)
        {
            return;
        }

        await _client.RenewTokenAsync("flush", TestContext.Current.CancellationToken);
        await Eventually.True(
            () =>
            {
                Collect();
                return _sent.RemoveAll(message => (string?)message["accessToken"] == "flush") > 0;
            },
            "what was sent has arrived");
    }

    // page: the ref of the last page that was sent; page:0: of the first.
    private async Task<string?> RefAsync(string asked)
    {
        var (type, index) = asked.Split(':') is [var first, var second] ? (first, (int?)int.Parse(second, CultureInfo.InvariantCulture)) : (asked, null);
        await FlushAsync();
        var refs = _sent.Where(message => (string?)message["type"] == type).Select(message => (string?)message["ref"]).ToList();
        return index is { } at ? refs[at] : refs[^1];
    }

    private async Task<ScriptedGateway.Session> SessionAsync() => _session ??= await _gateway.NextAsync();

    private void Tell(params JsonNode?[] told) => _events.Add(new(told));

    // What is not mentioned may be anything.
    private static bool Matches(JsonElement expected, JsonElement actual) => (expected.ValueKind, actual.ValueKind) switch
    {
        (JsonValueKind.Object, JsonValueKind.Object) => expected.EnumerateObject().All(
            member => Matches(member.Value, actual.TryGetProperty(member.Name, out var value) ? value : default)),
        (JsonValueKind.Array, JsonValueKind.Array) => expected.GetArrayLength() == actual.GetArrayLength()
            && expected.EnumerateArray().Zip(actual.EnumerateArray()).All(pair => Matches(pair.First, pair.Second)),
        (JsonValueKind.Undefined, _) or (_, JsonValueKind.Undefined) => false,
        _ => JsonElement.DeepEquals(expected, actual),
    };

    private static JsonElement Element(JsonNode? node) => JsonSerializer.SerializeToElement(node);

    private static JsonArray Array(IEnumerable<JsonNode?> items) => new([.. items]);

    private string Token(int? seconds) => seconds is { } life
        ? $"h.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes($$"""{"exp":{{(_clock.Milliseconds / 1_000) + life}}}"""))}.s"
        : "token";

    private static string Id(long id) => id.ToString(CultureInfo.InvariantCulture);

    private sealed class Always(double number) : Random
    {
        public override double NextDouble() => number;
    }
}
