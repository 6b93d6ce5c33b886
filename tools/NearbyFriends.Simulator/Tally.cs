using NearbyFriends.Client;
using NearbyFriends.Tools;
using Spectre.Console;

namespace NearbyFriends.Simulator;

/// <summary>What all clients of a run did and saw.</summary>
public sealed class Tally
{
    private long _sent;
    private long _received;
    private long _left;
    private long _errors;
    private long _reconnects;
    private string? _lastError;

    /// <summary>
    /// From a client's send to its friend's receipt, the gateway's flush included. Only of new locations of friends who were
    /// in the list before: who comes into it, or is told again because the watcher moved, may have moved long ago.
    /// </summary>
    public LatencyHistogram Latency { get; } = new();

    public long Sent => Interlocked.Read(ref _sent);

    public long Received => Interlocked.Read(ref _received);

    public long Errors => Interlocked.Read(ref _errors);

    public long Reconnects => Interlocked.Read(ref _reconnects);

    public void CountSent() => Interlocked.Increment(ref _sent);

    public void CountError(string error)
    {
        Interlocked.Increment(ref _errors);
        _lastError = error;
    }

    /// <summary>Counts what this client receives and what goes wrong with it.</summary>
    /// <param name="client">Whom to watch.</param>
    /// <param name="isAway">When it has no connection by intention, which is no trouble.</param>
    public void Watch(NearbyClient client, Func<bool>? isAway = null)
    {
        client.FriendMoved += (_, _) => Interlocked.Increment(ref _received);
        client.FriendLeft += (_, _) => Interlocked.Increment(ref _left);
        client.Error += (_, error) => CountError($"{error.Code}: {error.Message}");
        client.Reconnecting += (_, why) =>
        {
            if (isAway?.Invoke() == true)
            {
                return;
            }

            Interlocked.Increment(ref _reconnects);
            _lastError = $"closed with {why.CloseCode}{(why.Cause is { } cause ? $": {cause.Message}" : "")}";
        };
    }

    /// <summary>One line of where things stand.</summary>
    public string Line() =>
        $"{Sent:N0} updates sent, {Received:N0} friend updates received, p50 {Milliseconds(0.5)}, p99 {Milliseconds(0.99)}, "
        + $"{Errors} errors, {Reconnects} reconnects";

    /// <summary>The closing table.</summary>
    public void Print(IAnsiConsole console, string title)
    {
        var table = new Table().Title(title).HideHeaders().AddColumn("").AddColumn(new TableColumn("").RightAligned());
        table.AddRow("updates sent", $"{Sent:N0}");
        table.AddRow("friend updates received", $"{Received:N0}");
        table.AddRow("friends who left a list", $"{Interlocked.Read(ref _left):N0}");
        table.AddRow("latency p50 (send to receipt, flush included)", Milliseconds(0.5));
        table.AddRow("latency p99", Milliseconds(0.99));
        table.AddRow("reconnects", $"{Reconnects:N0}");
        table.AddRow("errors", $"{Errors:N0}");
        console.Write(table);
        if (_lastError is { } last && Errors + Reconnects > 0)
        {
            console.WriteLine($"Last trouble: {last}");
        }
    }

    private string Milliseconds(double share) => Latency.Percentile(share) is { } value ? $"{value:0} ms" : "-";
}
