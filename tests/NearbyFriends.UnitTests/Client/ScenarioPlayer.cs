using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using NearbyFriends.Client;
using NearbyFriends.TestServers;

namespace NearbyFriends.UnitTests.Client;

/// <summary>The gateway and the clock of one scenario, which it plays step by step to an application.</summary>
internal sealed class ScenarioPlayer : IAsyncDisposable
{
    private const double MetresPerDegree = 111_195;

    private readonly ManualClock _clock;
    private readonly ScriptedGateway _gateway;
    private readonly ScenarioApplication _application;
    private readonly List<JsonObject> _sent = [];
    private ScriptedGateway.Session? _session;
    private ScriptedGateway.Session? _welcomed;
    private int _sentTaken;

    private ScenarioPlayer(ScriptedGateway gateway, ManualClock clock, double jitter, int? tokenSeconds) =>
        (_gateway, _clock, _application) = (gateway, clock, new(gateway, clock, jitter, tokenSeconds));

    private NearbyClient Client => _application.Client;

    /// <summary>Starts to connect.</summary>
    /// <param name="jitter">The client's only random number, 0 to 1.</param>
    /// <param name="tokenSeconds">The life of each access token; null for tokens that do not tell when it ends.</param>
    /// <param name="farewell">The code with which a connection ends that the client closes: 1000, or 1006 where the gateway does not answer.</param>
    public static async Task<ScenarioPlayer> StartAsync(double jitter, int? tokenSeconds, int farewell)
    {
        var clock = new ManualClock();
        var gateway = await ScriptedGateway.StartAsync(clock);
        gateway.CloseAnswer = farewell == 1000 ? CloseAnswer.Closes : CloseAnswer.Breaks;
        var player = new ScenarioPlayer(gateway, clock, jitter, tokenSeconds);
        _ = player.Client.ConnectAsync(CancellationToken.None);
        return player;
    }

    public async ValueTask DisposeAsync()
    {
        _session?.Abort();
        await Client.DisposeAsync();
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
                "withhold" => Withhold((int)value!),
                "advance" => AdvanceAsync((int)value!),
                "correct" => Correct((int)value!),
                "report" => ReportAsync((double)value!["lat"]!, (double)value["lon"]!, (double?)value["accuracy"]),
                "travel" => TravelAsync((double)value!["metresPerSecond"]!, (int)value["seconds"]!, (double?)value["accuracy"]),
                "call" => _application.CallAsync((string)value!, (int?)step["with"] ?? 0),
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
        var handled = _application.BarrierAsync();
        await session.SendAsync(message.ToJsonString());
        await session.SendAsync(ScenarioApplication.Barrier);
        await handled;
    }

    private async Task CloseAsync(int code)
    {
        var session = await SessionAsync();
        var before = _application.Reconnects;
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
        await Eventually.True(() => _application.Reconnects > before || IsStopped, "the client knows that the connection ended");
        await SettleAsync();
    }

    private Task Refuse(int status, string? retryAfter)
    {
        _gateway.Refusals.Enqueue((status, retryAfter));
        return Task.CompletedTask;
    }

    private Task Withhold(int requests)
    {
        _application.Withheld = requests;
        return Task.CompletedTask;
    }

    private Task Correct(int milliseconds)
    {
        _clock.Correct(TimeSpan.FromMilliseconds(milliseconds));
        return Task.CompletedTask;
    }

    private async Task AdvanceAsync(int milliseconds)
    {
        await SettleAsync();
        _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
        await SettleAsync();
    }

    // A client without a session waits for the clock, is connecting, or has stopped.
    private Task SettleAsync() => Eventually.True(
        () => _session is not null || IsStopped || _gateway.HasNext || _clock.Timers > 1, "the client waits or connects");

    private async Task ReportAsync(double latitude, double longitude, double? accuracy) =>
        await Client.ReportAsync(new(latitude, longitude, Client.Now, accuracy), TestContext.Current.CancellationToken);

    private async Task TravelAsync(double metresPerSecond, int seconds, double? accuracy)
    {
        for (var second = 0; second <= seconds; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(second > 0 ? 1 : 0));
            await ReportAsync(10 + (metresPerSecond * second / MetresPerDegree), 20, accuracy);
        }
    }

    private async Task ExpectAsync(JsonObject expected)
    {
        foreach (var (name, value) in expected)
        {
            try
            {
                await Eventually.True(() => name != "sent" || Collect() - _sentTaken >= value!.AsArray().Count, "it is sent");
                await FlushAsync();
                await Eventually.True(() => Matches(Element(value), Element(StateOf(name))), "it is so");
            }
            catch (TimeoutException)
            {
                Assert.Fail($"{name}: expected {value?.ToJsonString()}, but it is {StateOf(name)?.ToJsonString()}");
            }

            if (name == "sent")
            {
                _sentTaken = _sent.Count;
            }
            else if (name == "events")
            {
                _application.TakeEvents();
            }
        }
    }

    private JsonNode? StateOf(string name) => name == "sent" ? Sent() : _application.State(name);

    private bool IsStopped => Client.Completion.IsCompleted;

    private JsonArray Sent() => new([.. _sent.Skip(_sentTaken).Select(message => message.DeepClone())]);

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
        if (!Client.IsConnected)
        {
            return;
        }

        await Client.RenewTokenAsync("flush", TestContext.Current.CancellationToken);
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
}
