using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Standalone;

static class RedisServer
{
    public static async Task<ProcessPlan> Plan(ServerSetup setup)
    {
        var password = await ((RedisResource)setup.Resource).PasswordParameter.GetValueAsync(setup.Cancel);
        return new ProcessPlan(Machine.Find("redis-server", "redis-server", "/usr/sbin", "/usr/local/bin"), ["-", .. setup.Arguments])
        {
            // Read from standard input: a password on the command line is everyone's to see. "-::1" is IPv6 where there is any.
            Input = string.Create(CultureInfo.InvariantCulture, $"""
                port {setup.Port}
                bind 127.0.0.1 -::1
                requirepass {password}
                dir "{setup.DataFolder}"
                loglevel warning
                save {(setup.Keeps ? "60 1" : "\"\"")}

                """),
            IfOrphaned = Signal.Terminate,
        };
    }

    /// <summary>AUTH and PING, as a client would: a server that still loads its data answers with an error.</summary>
    public static async Task Ping(Instance instance, CancellationToken cancel)
    {
        var password = await ((RedisResource)instance.Resource).PasswordParameter.GetValueAsync(cancel);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, instance.Port(RedisResource.PrimaryEndpointName), cancel);
        await using var stream = client.GetStream();
        await using var writer = new StreamWriter(stream) { NewLine = "\r\n" };
        await writer.WriteLineAsync($"AUTH {password}".AsMemory(), cancel);
        await writer.WriteLineAsync("PING".AsMemory(), cancel);
        await writer.FlushAsync(cancel);

        using var reader = new StreamReader(stream);
        await Expect(reader, "+OK", cancel);
        await Expect(reader, "+PONG", cancel);
    }

    static async Task Expect(StreamReader reader, string expected, CancellationToken cancel)
    {
        var answer = await reader.ReadLineAsync(cancel);
        if (answer != expected) throw new InvalidOperationException($"PING was answered by: {answer ?? "nothing"}");
    }
}
