using System.Globalization;

namespace Aspire.Hosting.ApplicationModel;

public class PostgresServerResource(string name, ParameterResource? userName, ParameterResource password)
    : ContainerResource(name), IResourceWithConnectionString
{
    internal const string PrimaryEndpointName = "tcp";

    readonly Dictionary<string, string> databases = new(StringComparer.Ordinal);

    public EndpointReference PrimaryEndpoint => new(this, PrimaryEndpointName);

    public ParameterResource? UserNameParameter { get; } = userName;

    public ParameterResource PasswordParameter { get; } = password;

    /// <summary>Resource name to database name.</summary>
    public IReadOnlyDictionary<string, string> Databases => databases;

    /// <summary>As Npgsql reads it, without a database.</summary>
    public async ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default)
    {
        var secret = await PasswordParameter.GetValueAsync(cancellationToken);
        var port = PrimaryEndpoint.Port.ToString(CultureInfo.InvariantCulture);
        return $"Host={PrimaryEndpoint.Host};Port={port};Username={await User(cancellationToken)};Password={secret}";
    }

    internal async ValueTask<string> User(CancellationToken cancel) =>
        UserNameParameter is null ? "postgres" : (await UserNameParameter.GetValueAsync(cancel))!;

    internal void Add(PostgresDatabaseResource database) => databases.Add(database.Name, database.DatabaseName);
}

public class PostgresDatabaseResource(string name, string databaseName, PostgresServerResource postgresParentResource)
    : Resource(name), IResourceWithParent<PostgresServerResource>, IResourceWithConnectionString
{
    public PostgresServerResource Parent => postgresParentResource;

    public string DatabaseName => databaseName;

    async ValueTask<string?> IResourceWithConnectionString.GetConnectionStringAsync(CancellationToken cancellationToken) =>
        $"{await Parent.GetConnectionStringAsync(cancellationToken)};Database={DatabaseName}";
}
