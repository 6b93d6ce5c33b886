using System.Text.Json;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace NearbyFriends.ServiceDefaults.Authentication;

/// <summary>
/// The audit log: what operators changed, who and from where, and what came of it; and who tried without being one. Log category
/// <c>NearbyFriends.Audit</c>; unlike other logs it names users in clear, for an account that was locked must be found again.
/// </summary>
public static partial class OperatorAudit
{
    private const string Category = "NearbyFriends.Audit";

    /// <summary>
    /// Logs each call of these endpoints that may change something, with the body that says what, carried out or not; and every
    /// call that is answered 401 or 403.
    /// </summary>
    public static RouteGroupBuilder WithAudit(this RouteGroupBuilder operations) => operations.WithMetadata(Audited.Instance).AddEndpointFilter((context, next) =>
    {
        var http = context.HttpContext;
        if (!HttpMethods.IsGet(http.Request.Method))
        {
            var body = BodyOf(context);
            http.Response.OnCompleted(() =>
            {
                LogOperation(LoggerOf(http), NameOf(http) ?? "operator key", AddressOf(http), http.Request.Method, http.Request.Path, body, http.Response.StatusCode);
                return Task.CompletedTask;
            });
        }

        return next(context);
    });

    /// <summary>A space and the body as it was understood, in JSON, which leaves no line break unescaped; empty without one.</summary>
    private static string BodyOf(EndpointFilterInvocationContext context)
    {
        var type = context.HttpContext.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType;
        var body = type is null ? null : context.Arguments.FirstOrDefault(type.IsInstanceOfType);
        return body is null ? "" : " " + JsonSerializer.Serialize(body, type!, JsonSerializerOptions.Web);
    }

    private static ILogger LoggerOf(HttpContext http) => http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(Category);

    private static string? NameOf(HttpContext http) => http.User.FindFirst("sub")?.Value;

    private static System.Net.IPAddress? AddressOf(HttpContext http) => http.Connection.RemoteIpAddress;

    [LoggerMessage(LogLevel.Information, "Operator {Operator} at {Address}: {Method} {Path}{Body} was answered {Status}.")]
    private static partial void LogOperation(
        ILogger logger, string @operator, System.Net.IPAddress? address, string method, string path, string body, int status);

    [LoggerMessage(LogLevel.Warning, "{Caller} at {Address}, who is no operator: {Method} {Path} was answered {Status}.")]
    private static partial void LogRefusal(ILogger logger, string caller, System.Net.IPAddress? address, string method, string path, int status);

    private sealed class Audited
    {
        public static readonly Audited Instance = new();
    }

    /// <summary>Answers who may not call, as the framework does, and logs it where the endpoint is audited.</summary>
    internal sealed class Refusals : IAuthorizationMiddlewareResultHandler
    {
        private readonly AuthorizationMiddlewareResultHandler _answers = new();

        public async Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
        {
            await _answers.HandleAsync(next, context, policy, authorizeResult);
            if (!authorizeResult.Succeeded && context.GetEndpoint()?.Metadata.GetMetadata<Audited>() is not null)
            {
                LogRefusal(
                    LoggerOf(context), NameOf(context) is { } user ? $"User {user}" : "Somebody", AddressOf(context),
                    context.Request.Method, context.Request.Path, context.Response.StatusCode);
            }
        }
    }
}
