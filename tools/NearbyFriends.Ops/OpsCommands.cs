using System.CommandLine;

namespace NearbyFriends.Ops;

/// <summary>The commands. Those that change something wait until it is so, and then show what is.</summary>
/// <param name="variable">An environment variable, by its name.</param>
public sealed class OpsCommands(Func<string, string?> variable)
{
    private readonly Option<string?> _gateway = new("--gateway")
    {
        Description = $"Base URL of any gateway. Default: {OpsClient.GatewayVariable}, then .nearby/endpoints.json.",
        Recursive = true,
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print the gateway's answer as it is.", Recursive = true };
    private readonly Argument<string> _server = new("server") { Description = "A pub/sub server, as configuration names it." };
    private readonly Argument<string> _channel = new("channel") { Description = "A channel, as the command 'ring' names it." };
    private readonly Argument<string> _id = new("gateway") { Description = "A gateway, as the command 'gateways' names it." };
    private readonly Option<string?> _with = new("--with") { Description = "The standby that takes its place. Default: the first." };
    private readonly Option<bool> _stop = new("--stop") { Description = "Take sessions again." };

    public RootCommand Create() => new($"Operates a running NearbyFriends. The operator key is in {OpsClient.KeyVariable}, or in the AppHost's user secrets.")
    {
        _gateway,
        _json,
        Show("ring", "Pub/sub servers: what they own, what they do, and whether they live.", Tables.Ring),
        Show("gateways", "Gateways: sessions, rates and latencies.", Tables.Gateways),
        Show("history", "How far the history is behind.", Tables.History),
        Change(
            new("add", "Adds a standby to the ring.") { _server },
            parsed => new(HttpMethod.Post, "ring/servers", new { name = parsed.GetValue(_server) })),
        Change(
            new("remove", "Removes a server from the ring; the others take its channels.") { _server },
            parsed => new(HttpMethod.Delete, $"ring/servers/{Escaped(parsed, _server)}")),
        Change(
            new("replace", "Puts a standby in the place of a server.") { _server, _with },
            parsed => new(HttpMethod.Put, $"ring/servers/{Escaped(parsed, _server)}", parsed.GetValue(_with) is { } with ? new { with } : null)),
        Change(
            new("pin", "Moves one channel to a server, and keeps it there.") { _channel, _server },
            parsed => new(HttpMethod.Put, $"ring/pins/{Escaped(parsed, _channel)}", new { server = parsed.GetValue(_server) })),
        Change(
            new("unpin", "Gives a pinned channel back to the ring.") { _channel },
            parsed => new(HttpMethod.Delete, $"ring/pins/{Escaped(parsed, _channel)}")),
        Change(new("cancel", "Gives up a change that is pending."), _ => new(HttpMethod.Delete, "ring/pending")),
        Drain(new("drain", "Sends a gateway's clients to the others, and no new ones to it.") { _id, _stop }),
    };

    private Command Show(string name, string description, Table table)
    {
        var command = new Command(name, description);
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed, async (gateway, output) =>
            output.Show(await gateway.SendAsync(new(HttpMethod.Get, name), cancellationToken), table)));
        return command;
    }

    private Command Change(Command command, Func<ParseResult, OpsRequest> request)
    {
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed, async (gateway, output) =>
        {
            var answer = await gateway.SendAsync(request(parsed), cancellationToken);
            output.Show(await gateway.WaitForEpochAsync(answer.GetProperty("epoch").GetInt64(), cancellationToken), Tables.Ring);
        }));
        return command;
    }

    private Command Drain(Command command)
    {
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed, async (gateway, output) =>
        {
            var drain = !parsed.GetValue(_stop);
            await gateway.SendAsync(new(drain ? HttpMethod.Post : HttpMethod.Delete, $"gateways/{Escaped(parsed, _id)}/drain"), cancellationToken);
            output.Show(await gateway.WaitForDrainAsync(parsed.GetValue(_id)!, drain, cancellationToken), Tables.Gateways);
        }));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, Func<OpsClient, Output, Task> command)
    {
        try
        {
            using var gateway = OpsClient.Find(parsed.GetValue(_gateway), variable);
            await command(gateway, new Output(parsed.InvocationConfiguration.Output, parsed.GetValue(_json)));
            return 0;
        }
        catch (Exception e) when (e is OpsException or HttpRequestException)
        {
            await parsed.InvocationConfiguration.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }

    private static string Escaped(ParseResult parsed, Argument<string> argument) => Uri.EscapeDataString(parsed.GetValue(argument)!);
}
