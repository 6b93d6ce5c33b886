using Microsoft.Extensions.Options;

namespace NearbyFriends.Fanout.Discovery;

/// <summary>Configuration section <c>Discovery</c>: the etcd that holds the ring and the list of processes.</summary>
public sealed record DiscoveryOptions
{
    public const string Section = "Discovery";

    /// <summary>
    /// Addresses of etcd (3.4 or later), separated by commas, such as <c>http://etcd-0:2379,http://etcd-1:2379</c>; if empty,
    /// the configured servers are the ring. TLS with <c>https</c>; name and password in the first address,
    /// <c>https://user:password@etcd-0:2379</c>, hold for all.
    /// </summary>
    public string? Etcd { get; init; }

    /// <summary>A file with the certificate (PEM) of the authority that signed etcd's, where the machine does not trust it.</summary>
    public string? CertificateAuthority { get; init; }

    /// <summary>Prefix of all keys; systems that share an etcd need different prefixes.</summary>
    public string Prefix { get; init; } = "nearbyfriends/";

    /// <summary>A process that has not renewed its lease for this long counts as dead; 2 s to 1 min, default 4 s.</summary>
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>Whether there is an etcd.</summary>
    public bool IsEnabled => !string.IsNullOrWhiteSpace(Etcd);

    /// <summary>The addresses, one by one.</summary>
    public IReadOnlyList<Uri> Endpoints =>
        [.. (Etcd ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(url => new Uri(url, UriKind.Absolute))];
}

/// <summary>Stops a service whose discovery settings cannot work, with a sentence that names the setting.</summary>
public sealed class ValidateDiscoveryOptions : IValidateOptions<DiscoveryOptions>
{
    public ValidateOptionsResult Validate(string? name, DiscoveryOptions options)
    {
        var errors = new List<string>();
        foreach (var url in (options.Etcd ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            {
                errors.Add($"Discovery:Etcd has '{url}'; it must be addresses such as 'http://etcd:2379', separated by commas.");
            }
        }

        if (options.CertificateAuthority is { Length: > 0 } file && !File.Exists(file))
        {
            errors.Add($"Discovery:CertificateAuthority is '{file}'; it must be the file of a certificate.");
        }

        if (options.LeaseTime < TimeSpan.FromSeconds(2) || options.LeaseTime > TimeSpan.FromMinutes(1))
        {
            errors.Add($"Discovery:LeaseTime is {options.LeaseTime}; it must lie between 00:00:02 and 00:01:00.");
        }

        if (string.IsNullOrWhiteSpace(options.Prefix))
        {
            errors.Add("Discovery:Prefix is empty; it must be what the keys of this system begin with, such as 'nearbyfriends/'.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
