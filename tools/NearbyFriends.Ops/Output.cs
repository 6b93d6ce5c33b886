using System.Text.Json;
using NearbyFriends.Tools;
using Spectre.Console;

namespace NearbyFriends.Ops;

/// <summary>Renders an answer for people.</summary>
public delegate void Table(JsonElement answer, IAnsiConsole console);

/// <summary>Where answers go: a terminal with all it can do, plain lines for a pipe, or JSON.</summary>
public sealed class Output(TextWriter writer, bool asJson)
{
    private static readonly JsonSerializerOptions Readable = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public void Show(JsonElement answer, Table table)
    {
        if (asJson)
        {
            writer.WriteLine(JsonSerializer.Serialize(answer, Readable));
        }
        else
        {
            table(answer, Terminal.Create(writer));
        }
    }
}
