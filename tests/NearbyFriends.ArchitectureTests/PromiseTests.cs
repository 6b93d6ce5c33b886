using System.Text.RegularExpressions;
using NearbyFriends.TestServers;

namespace NearbyFriends.ArchitectureTests;

/// <summary>The table of docs/security.md: each promise names tests that hold it, and they exist.</summary>
public sealed partial class PromiseTests
{
    private static readonly ILookup<string, string> Tests = Directory
        .EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.cs", SearchOption.AllDirectories)
        .ToLookup(file => Path.GetFileNameWithoutExtension(file), StringComparer.Ordinal);

    public static TheoryData<string> Promises =>
        [.. File.ReadLines(Path.Combine(Repository.Root, "docs", "security.md")).Where(line => line.StartsWith('|')).Skip(2)];

    [Theory]
    [MemberData(nameof(Promises))]
    public void A_promise_names_tests_and_they_exist(string row)
    {
        var heldBy = row.Split('|')[3];
        var names = Names().Matches(heldBy);
        Assert.NotEmpty(names);

        var type = "";
        foreach (Match name in names)
        {
            type = name.Groups["type"] is { Length: > 0 } given ? given.Value : type;
            Assert.True(Tests.Contains(type), $"There is no {type}.cs among the tests.");
            var method = name.Groups["method"].Value;
            Assert.True(
                Tests[type].Any(file => method.Length == 0 || File.ReadAllText(file).Contains($" {method}", StringComparison.Ordinal)), $"{type} has no {method}.");
        }
    }

    /// <summary>`Type`, `Type.Method`, or `.Method` of the type before; … at the end of a method shortens it.</summary>
    [GeneratedRegex(@"`(?<type>\w*)(\.(?<method>\w+))?…?`", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Names();
}
