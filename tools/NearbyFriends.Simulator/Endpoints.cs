using System.CommandLine;
using System.Text.Json;

namespace NearbyFriends.Simulator;

/// <summary>Where the system is.</summary>
/// <param name="Api">Base address of the REST API.</param>
/// <param name="Gateways">Base addresses of gateways; clients are dealt out over them in turn.</param>
public sealed record Endpoints(Uri Api, IReadOnlyList<Uri> Gateways)
{
    /// <summary>What <c>./nearby run</c> leaves behind.</summary>
    private static readonly string s_file = Path.Combine(".nearby", "endpoints.json");

    internal static Option<Uri?> ApiOption { get; } = new("--api")
    {
        Description = "Base URL of the API. Default: Simulator__Api, services__api__http__0, then .nearby/endpoints.json.",
    };

    internal static Option<Uri[]> GatewayOption { get; } = new("--gateway")
    {
        Description = "Base URL of a gateway; may be repeated. Default: as for the API.",
    };

    /// <summary>What the command line names, else the environment, else the endpoints file here or in a directory above.</summary>
    /// <exception cref="InvalidOperationException">Nothing names them; the message says what would.</exception>
    public static Endpoints Find(Uri? api, IReadOnlyList<Uri> gateways)
    {
        var file = new Lazy<JsonElement?>(ReadFile);
        return new(
            api ?? FromEnvironment("Simulator__Api", "services__api__http__0", "services__api__https__0") ?? FromFile("api"),
            gateways.Count > 0
                ? gateways
                : [FromEnvironment("Simulator__Gateway", "services__gateway__http__0", "services__gateway__https__0") ?? FromFile("gateway")]);

        Uri FromFile(string name) =>
            file.Value is { } found && found.TryGetProperty(name, out var url) && url.GetString() is { } text
                ? new Uri(text)
                : throw new InvalidOperationException(
                    $"Where is the {name}? Give --{name} URL, set Simulator__{char.ToUpperInvariant(name[0])}{name[1..]}, or start the system with ./nearby run.");
    }

    /// <summary>The gateways' own addresses, behind any balancer: those given, else those of the endpoints file.</summary>
    /// <exception cref="InvalidOperationException">Nothing names them; the message says what would.</exception>
    internal static IReadOnlyList<Uri> FindReplicas(IReadOnlyList<Uri> gateways) =>
        gateways.Count > 0 ? gateways
        : ReadFile() is { } file && file.TryGetProperty("gateways", out var replicas)
            ? [.. replicas.EnumerateArray().Select(replica => new Uri(replica.GetString()!))]
            : throw new InvalidOperationException("Where are the gateways? Give --gateway URL for each, or start the system with ./nearby run.");

    internal static Endpoints Find(ParseResult parsed) => Find(parsed.GetValue(ApiOption), parsed.GetValue(GatewayOption) ?? []);

    private static Uri? FromEnvironment(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
            {
                return new Uri(value);
            }
        }

        return null;
    }

    private static JsonElement? ReadFile()
    {
        for (var directory = new DirectoryInfo(Environment.CurrentDirectory); directory is not null; directory = directory.Parent)
        {
            var path = Path.Combine(directory.FullName, s_file);
            if (File.Exists(path))
            {
                return JsonDocument.Parse(File.ReadAllText(path)).RootElement;
            }
        }

        return null;
    }
}
