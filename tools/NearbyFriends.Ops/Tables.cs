using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace NearbyFriends.Ops;

/// <summary>The tables of each answer of <c>/v1/ops</c>.</summary>
internal static class Tables
{
    private const int ChannelsShown = 8;

    public static void Ring(JsonElement ring, IAnsiConsole console)
    {
        var table = NewTable("server", "role", "place", "health", "channels", "messages/s", "kB/s", "CPU");
        foreach (var server in ring.GetProperty("servers").EnumerateArray())
        {
            table.AddRow(
                Text(server, "name"),
                Text(server, "role"),
                Text(server, "place"),
                server.GetProperty("healthy").GetBoolean() ? "[green]healthy[/]" : "[red]away[/]",
                Channels(server.GetProperty("channels")),
                Number(server, "messagesPerSecond", 1, "N0"),
                Number(server, "bytesPerSecond", 1e-3, "N1"),
                Number(server, "cpu", 1, "P0"));
        }

        console.Write(table);
        var pending = ring.GetProperty("pendingEpoch") is { ValueKind: JsonValueKind.Number } epoch ? $", changing to {epoch}" : "";
        console.WriteLine($"{Plain(ring, "transport")}, {Plain(ring, "channels")}, epoch {ring.GetProperty("epoch")}{pending}.");
        foreach (var pin in ring.GetProperty("pins").EnumerateArray())
        {
            console.WriteLine($"{Plain(pin, "channel")} is pinned to {Plain(pin, "server")}.");
        }

        if (ring.TryGetProperty("pending", out var reason) && reason.GetString() is { } change)
        {
            console.WriteLine($"About to change: {change}.");
        }

        var processes = ring.GetProperty("processes").EnumerateArray().ToList();
        if (processes.Count == 0)
        {
            return; // nobody reports: there is no etcd, it is unavailable, or a cluster needs none
        }

        var current = ring.GetProperty("epoch").GetInt64();
        var behind = processes.Where(process => process.GetProperty("appliedEpoch").GetInt64() < current).ToList();
        console.WriteLine($"{processes.Count - behind.Count} of {processes.Count} processes have applied it.");
        foreach (var process in behind)
        {
            console.WriteLine($"{Plain(process, "kind")} {Plain(process, "id")} is at epoch {process.GetProperty("appliedEpoch")}.");
        }
    }

    public static void Gateways(JsonElement answer, IAnsiConsole console)
    {
        var table = NewTable("gateway", "address", "state", "sessions", "updates/s", "deliveries/s", "to outbox p50, p99 ms", "to socket p50, p99 ms", "journal s", "epoch", "version");
        foreach (var gateway in answer.GetProperty("gateways").EnumerateArray())
        {
            table.AddRow(
                Text(gateway, "id"),
                Text(gateway, "url"),
                gateway.GetProperty("draining").GetBoolean() ? "[yellow]draining[/]" : "[green]serving[/]",
                Number(gateway, "sessions", 1, "N0"),
                Number(gateway, "updatesPerSecond", 1, "N1"),
                Number(gateway, "deliveriesPerSecond", 1, "N1"),
                $"{Number(gateway, "outboxP50Ms", 1, "N1")}, {Number(gateway, "outboxP99Ms", 1, "N1")}",
                $"{Number(gateway, "p50Ms", 1, "N1")}, {Number(gateway, "p99Ms", 1, "N1")}",
                Number(gateway, "journalAgeSeconds", 1, "N1"),
                Number(gateway, "appliedEpoch", 1, "N0"),
                Plain(gateway, "version").Split('+')[0].EscapeMarkup()); // without the commit
        }

        console.Write(table);
    }

    public static void History(JsonElement history, IAnsiConsole console)
    {
        var table = NewTable("entries behind", "oldest, s", "dead letters", "points buffered by this gateway");
        table.AddRow(
            Number(history, "lag", 1, "N0"), Number(history, "lagAgeSeconds", 1, "N1"), Number(history, "deadLetters", 1, "N0"), Number(history, "buffered", 1, "N0"));
        console.Write(table);
    }

    private static Spectre.Console.Table NewTable(params string[] columns) =>
        new Spectre.Console.Table().Border(TableBorder.Simple).AddColumns(columns);

    /// <summary>The first few of them, or how many where there are too many to name.</summary>
    private static string Channels(JsonElement channels)
    {
        if (channels.ValueKind == JsonValueKind.Number)
        {
            return $"{channels}";
        }

        var names = channels.EnumerateArray().Select(channel => channel.GetString()!).ToList();
        return names.Count switch
        {
            0 => "–",
            <= ChannelsShown => string.Join(' ', names),
            _ => $"{string.Join(' ', names.Take(ChannelsShown))} … ({names.Count})",
        };
    }

    private static string Number(JsonElement of, string name, double factor, string format) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
            ? (value.GetDouble() * factor).ToString(format, CultureInfo.InvariantCulture)
            : "–";

    private static string Text(JsonElement of, string name) => Plain(of, name).EscapeMarkup();

    private static string Plain(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "–";
}
