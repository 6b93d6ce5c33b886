using System.Text.Json;
using Spectre.Console;

namespace NearbyFriends.LoadGenerator;

/// <summary>What a load came to: for people a table, for programs JSON. Times in milliseconds.</summary>
internal sealed record LoadResult(
    int Connections, int Gateways, double Seconds, long Sent, long DeliveriesExpected, long Deliveries, long Messages, long Bytes, long Late, long Ended,
    double? ConnectP50, double? ConnectP99, double? LatencyP50, double? LatencyP99, ServerUsage[] Servers)
{
    public static JsonSerializerOptions Readable { get; } = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public void Print(IAnsiConsole console)
    {
        var table = new Table().HideHeaders().AddColumn("").AddColumn(new TableColumn("").RightAligned());
        table.AddRow("connections, gateways", $"{Connections:N0}, {Gateways}");
        table.AddRow("connect p50, p99 (to the first list)", $"{ConnectP50:0.#}, {ConnectP99:0.#} ms");
        table.AddRow("updates sent", $"{Sent:N0} ({Sent / Seconds:N0}/s)");
        table.AddRow("deliveries received / expected", $"{Deliveries:N0} / {DeliveriesExpected:N0} ({Deliveries / Seconds:N0}/s)");
        table.AddRow("messages, bytes received", $"{Messages:N0}, {Bytes:N0}");
        table.AddRow("latency p50, p99 (send to receipt, flush included)", $"{LatencyP50:0}, {LatencyP99:0} ms");
        table.AddRow("updates left out, connections lost", $"{Late:N0}, {Ended:N0}");
        console.Write(table);
        var servers = new Table().AddColumn("server").AddColumn("CPU").AddColumn("CPU/delivery").AddColumn("memory");
        foreach (var server in Servers)
        {
            servers.AddRow(
                server.Name, $"{100 * server.CpuSeconds / Seconds:0.#} %", $"{server.CpuSeconds * 1e6 / Math.Max(1, Deliveries):0.##} us",
                server.MemoryBytes > 0 ? $"{server.MemoryBytes / 1e6:N0} MB" : "");
        }

        console.Write(servers);
        if (Deliveries != DeliveriesExpected)
        {
            console.WriteLine("Fewer than expected is usual where flushes are longer than a user's pause between updates, and by what is on its way at either end.");
        }
    }
}
