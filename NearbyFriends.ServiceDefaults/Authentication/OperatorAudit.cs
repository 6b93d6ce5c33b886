using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace NearbyFriends.ServiceDefaults.Authentication;

/// <summary>
/// The audit log: what operators changed, who and from where, and what came of it. Log category <c>NearbyFriends.Audit</c>; unlike
/// other logs it names users in clear, for an account that was locked must be found again.
/// </summary>
public static partial class OperatorAudit
{
    private const string Category = "NearbyFriends.Audit";

    /// <summary>Logs each call of these endpoints that may change something, carried out or refused.</summary>
    public static RouteGroupBuilder WithAudit(this RouteGroupBuilder operations) => operations.AddEndpointFilter((context, next) =>
    {
        var http = context.HttpContext;
        if (!HttpMethods.IsGet(http.Request.Method))
        {
            http.Response.OnCompleted(() =>
            {
                LogOperation(LoggerOf(http), NameOf(http), http.Connection.RemoteIpAddress, http.Request.Method, http.Request.Path, http.Response.StatusCode);
                return Task.CompletedTask;
            });
        }

        return next(context);
    });

    private static ILogger LoggerOf(HttpContext http) => http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(Category);

    private static string NameOf(HttpContext http) => http.User.FindFirst("sub")?.Value ?? "operator key";

    [LoggerMessage(LogLevel.Information, "Operator {Operator} at {Address}: {Method} {Path} was answered {Status}.")]
    private static partial void LogOperation(ILogger logger, string @operator, System.Net.IPAddress? address, string method, string path, int status);
}
