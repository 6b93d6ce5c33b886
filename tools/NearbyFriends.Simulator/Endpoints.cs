using System.CommandLine;
using NearbyFriends.Tools;

namespace NearbyFriends.Simulator;

/// <summary>Where the system is.</summary>
/// <param name="Api">Base address of the REST API.</param>
/// <param name="Gateways">Base addresses of gateways; clients are dealt out over them in turn.</param>
public sealed record Endpoints(Uri Api, IReadOnlyList<Uri> Gateways)
{
    internal static Option<Uri?> ApiOption { get; } = new("--api")
    {
        Description = "Base URL of the API. Default: Simulator__Api, services__api__http__0, then .nearby/endpoints.json.",
    };

    internal static Option<Uri[]> GatewayOption { get; } = new("--gateway")
    {
        Description = "Base URL of a gateway; may be repeated. Default: as for the API.",
    };

    /// <summary>What the command line names, else the environment, else the endpoints file.</summary>
    /// <exception cref="InvalidOperationException">Nothing names them; the message says what would.</exception>
    public static Endpoints Find(Uri? api, IReadOnlyList<Uri> gateways)
    {
        var file = new Lazy<EndpointsFile?>(EndpointsFile.Find);
        return new(
            api ?? FromEnvironment("Simulator__Api", "services__api__http__0", "services__api__https__0") ?? file.Value?.Api ?? throw Missing("api"),
            gateways.Count > 0
                ? gateways
                : [FromEnvironment("Simulator__Gateway", "services__gateway__http__0", "services__gateway__https__0") ?? file.Value?.Gateway ?? throw Missing("gateway")]);
    }

    internal static Endpoints Find(ParseResult parsed) => Find(parsed.GetValue(ApiOption), parsed.GetValue(GatewayOption) ?? []);

    private static InvalidOperationException Missing(string name) =>
        new($"Where is the {name}? Give --{name} URL, set Simulator__{char.ToUpperInvariant(name[0])}{name[1..]}, or start the system with ./nearby run.");

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
}
