using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using StackExchange.Redis;

namespace NearbyFriends.ServiceDefaults.Servers;

/// <summary>Looks once whether a server is set up as this service needs it, as soon as the service runs and the server answers, and warns.</summary>
/// <param name="findProblem">What is wrong, in a sentence that names the setting; null if nothing is.</param>
/// <param name="clock">Times the pauses while the server is unavailable.</param>
/// <param name="logger">Takes the warning.</param>
internal sealed partial class StartCheck(Func<CancellationToken, Task<string?>> findProblem, TimeProvider clock, ILogger<StartCheck> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!await LookAsync(stoppingToken) && !stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await findProblem(cancellationToken) is { } problem)
            {
                LogProblem(problem);
            }

            return true;
        }
        catch (Exception e) when (e is NpgsqlException or RedisException or TimeoutException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            return false; // the server is unavailable
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Problem}")]
    private partial void LogProblem(string problem);
}
