using NearbyFriends.TestServers;

namespace NearbyFriends.DeployTests.Azure;

/// <summary>The real compiler, and deploy/azure.</summary>
public static class BicepCompiler
{
    public static string Folder { get; } = Path.Combine(Repository.Root, "deploy", "azure");

    /// <summary>Runs it; the settings of main.bicepparam are made up, but for the size.</summary>
    public static ProgramResult Run(string size, params string[] arguments) => DeployPrograms.Run(
        DeployPrograms.PathOf("Bicep"),
        arguments,
        ("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1"),
        ("NEARBY_SIZE", size),
        ("NEARBY_AUTH_AUTHORITY", "https://login.example.com"),
        ("NEARBY_AUTH_AUDIENCE", "nearbyfriends"),
        ("NEARBY_OPERATOR_KEY", "an operator key of the tests"),
        ("NEARBY_TELEMETRY_HASH_KEY", "a hash key of the tests"),
        ("NEARBY_POSTGRES_PASSWORD", "a password of the tests"),
        ("SERVICE_API_IMAGE_NAME", "registry.example.com/api:1"),
        ("SERVICE_GATEWAY_IMAGE_NAME", "registry.example.com/gateway:1"),
        ("SERVICE_HISTORY_WORKER_IMAGE_NAME", "registry.example.com/history-worker:1"));
}
