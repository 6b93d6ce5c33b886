using System.Text.Json;

namespace NearbyFriends.Tools;

/// <summary>Where a running system is: <c>.nearby/endpoints.json</c>, which <c>./nearby run</c> writes.</summary>
/// <param name="Api">Base address of the REST API.</param>
/// <param name="Gateway">Base address of the gateways, or of what balances them.</param>
/// <param name="Gateways">Base addresses of the single gateways.</param>
public sealed record EndpointsFile(Uri? Api, Uri? Gateway, IReadOnlyList<Uri>? Gateways)
{
    private static readonly string RelativePath = Path.Combine(".nearby", "endpoints.json");

    /// <summary>The file of the working directory, or of the nearest directory above that has one; null if none has.</summary>
    /// <exception cref="JsonException">The file is malformed.</exception>
    public static EndpointsFile? Find()
    {
        for (var directory = new DirectoryInfo(Environment.CurrentDirectory); directory is not null; directory = directory.Parent)
        {
            var path = Path.Combine(directory.FullName, RelativePath);
            if (File.Exists(path))
            {
                return JsonSerializer.Deserialize<EndpointsFile>(File.ReadAllText(path), JsonSerializerOptions.Web);
            }
        }

        return null;
    }
}
