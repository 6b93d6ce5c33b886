namespace NearbyFriends.AppHost.Servers;

/// <summary>Passwords and keys.</summary>
internal static class Secrets
{
    /// <summary>A secret that the first run generates and keeps. 48 letters and digits are more than 256 bits, as HS256 asks for.</summary>
    public static IResourceBuilder<ParameterResource> AddSecret(this IDistributedApplicationBuilder builder, string name) =>
        builder.AddParameter(name, new GenerateParameterDefault { MinLength = 48, Special = false }, secret: true, persist: true);
}
