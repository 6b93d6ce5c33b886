using Spectre.Console;

namespace NearbyFriends.Tools;

/// <summary>Where output goes: a terminal with all it can do, or plain long lines for a file or a log.</summary>
public static class Terminal
{
    private const int LogWidth = 180;

    /// <summary>The console of a program.</summary>
    /// <param name="writer">Where it writes; standard output by default.</param>
    public static IAnsiConsole Create(TextWriter? writer = null)
    {
        writer ??= Console.Out;
        if (writer == Console.Out && !Console.IsOutputRedirected)
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
        plain.Profile.Width = LogWidth;
        return plain;
    }
}
