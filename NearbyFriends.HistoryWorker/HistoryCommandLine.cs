using System.CommandLine;
using NearbyFriends.History;
using NearbyFriends.HistoryWorker.Export;
using NearbyFriends.HistoryWorker.Import;
using NearbyFriends.ServiceDefaults.Schemas;
using NearbyFriends.ServiceDefaults.Servers;
using Npgsql;

namespace NearbyFriends.HistoryWorker;

/// <summary>The commands of the worker besides running as a service: <c>export</c> and <c>import</c>.</summary>
public static class HistoryCommandLine
{
    /// <summary>Whether these arguments ask for a command.</summary>
    public static bool IsAsked(string[] args) => args is ["export" or "import" or "help" or "--help" or "-h", ..];

    /// <summary>Runs the command; answers the exit code.</summary>
    public static Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("The history worker. Without a command it stores what the gateways put into the history streams.")
        {
            ExportCommand.Create(RunAsync),
            ImportCommand.Create(RunAsync),
        };
        return root.Parse(args is ["help", ..] ? ["--help"] : args).InvokeAsync();
    }

    // A command has the configuration of the service, but runs none of its background services.
    private static async Task<int> RunAsync(Func<IServiceProvider, CancellationToken, Task<int>> command, CancellationToken cancellationToken)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.AddPostgresDatabase(HistorySchema.Database);
        builder.Services.AddHistoryStore();
        builder.Services.AddSingleton<HistoryExport>();
        builder.Services.AddSingleton<HistoryImport>();
        using var host = builder.Build();
        try
        {
            await host.StartAsync(cancellationToken);
            await host.Services.GetRequiredKeyedService<SchemaMigration>(HistorySchema.Database).Ready.WaitAsync(TimeSpan.FromSeconds(30), cancellationToken);
            return await command(host.Services, cancellationToken);
        }
        catch (Exception exception) when (exception is NpgsqlException or IOException or FormatException or UnauthorizedAccessException or TimeoutException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }
    }
}
