using System.Text.RegularExpressions;

namespace NearbyFriends.ArchitectureTests;

/// <summary>Logs tell of no user who it is (docs/security.md).</summary>
public sealed partial class LogMessageTests
{
    private const string AuditLog = "OperatorAudit.cs"; // names whom an operator locked, on purpose

    [Fact]
    public void No_message_has_a_place_for_a_user_or_a_location()
    {
        var readable = from project in Project.Product
                       where project.Room != "tools"
                       from file in project.Sources
                       where Path.GetFileName(file) != AuditLog
                       from Match message in Messages().Matches(File.ReadAllText(file))
                       where Telling().IsMatch(message.Value)
                       select $"{Path.GetFileName(file)}: {message.Value}";

        Assert.Empty(readable);
    }

    /// <summary>The text of a message, of either way to log.</summary>
    [GeneratedRegex("""(?:LoggerMessage|\.Log(?:Trace|Debug|Information|Warning|Error|Critical))\([^"]*"(?<text>[^"]*)"|BeginScope\([^)]*\)""", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Messages();

    /// <summary>A placeholder that would be filled with who or where somebody is.</summary>
    [GeneratedRegex(@"\{(User|Friend|Watcher|Sender|Caller|UserId|UserName|DisplayName|Lat|Latitude|Lon|Longitude|Position|Location|Place|Token|Ticket)[A-Za-z]*[:}]", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, 1_000)]
    private static partial Regex Telling();
}
