using System.Text.Json;
using Spectre.Console;

namespace NearbyFriends.Ops;

/// <summary>Renders an answer for people.</summary>
public delegate void Table(JsonElement answer, IAnsiConsole console);

/// <summary>Where answers go: a terminal with all it can do, plain lines for a pipe, or JSON.</summary>
public sealed class Output(TextWriter writer, bool asJson)
{
    private const int PipeWidth = 180;
    private static readonly JsonSerializerOptions Readable = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public void Show(JsonElement answer, Table table)
    {
        if (asJson)
        {
            writer.WriteLine(JsonSerializer.Serialize(answer, Readable));
            return;
        }

        table(answer, Console());
    }

    private IAnsiConsole Console()
    {
        if (writer == System.Console.Out && !System.Console.IsOutputRedirected)
        {
            return AnsiConsole.Console;
        }

        var plain = AnsiConsole.Create(new()
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        plain.Profile.Width = PipeWidth;
        return plain;
    }
}
