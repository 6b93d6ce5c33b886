using Spectre.Console;

namespace NearbyFriends.Simulator.Reporting;

/// <summary>Where output goes: a terminal with all it can do, or plain long lines for a file or a log.</summary>
internal static class Terminal
{
    private const int LogWidth = 180;

    public static IAnsiConsole Create()
    {
        if (!Console.IsOutputRedirected)
        {
            return AnsiConsole.Console;
        }

        var plain = AnsiConsole.Create(new()
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
        plain.Profile.Width = LogWidth;
        return plain;
    }
}
