using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NearbyFriends.ServiceDefaults.Authentication;
using NearbyFriends.TestServers;

namespace NearbyFriends.UnitTests.Authentication;

/// <summary>What operators change is in the audit log.</summary>
public sealed class OperatorAuditTests : IDisposable
{
    private readonly AuditLog _log = new();

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task Who_changes_what_and_what_came_of_it_is_logged_and_who_looks_is_not()
    {
        await using var service = await StartAsync();
        SignIn(service, OperatorPolicy.Role);

        await CallAsync(service, HttpMethod.Get, "/ops/users/7");
        await CallAsync(service, HttpMethod.Put, "/ops/users/7/lock");
        await CallAsync(service, HttpMethod.Put, "/ops/pins/3", """{"server":"pubsub-1\nforged","ignored":1}""");
        await CallAsync(service, HttpMethod.Delete, "/ops/users/7/lock");

        await LoggedAsync(
            "Operator 42 at 127.0.0.1: PUT /ops/users/7/lock was answered 404.",
            """Operator 42 at 127.0.0.1: PUT /ops/pins/3 {"server":"pubsub-1\nforged"} was answered 200.""",
            "Operator 42 at 127.0.0.1: DELETE /ops/users/7/lock was answered 204.");
    }

    [Fact]
    public async Task Who_may_not_operate_is_logged_also_for_looking()
    {
        await using var service = await StartAsync();
        await CallAsync(service, HttpMethod.Put, "/ops/users/7/lock");
        SignIn(service);

        await CallAsync(service, HttpMethod.Get, "/ops/users/7");
        await CallAsync(service, HttpMethod.Get, "/mine");

        await LoggedAsync(
            "Somebody at 127.0.0.1, who is no operator: PUT /ops/users/7/lock was answered 401.",
            "User 42 at 127.0.0.1, who is no operator: GET /ops/users/7 was answered 403.");
    }

    private Task<TestService> StartAsync() => TestService.StartAsync(
        new() { ["Auth:SigningKey"] = TestService.SigningKey, ["Auth:OperatorKey"] = "an operator's key" },
        builder =>
        {
            builder.Logging.AddProvider(_log);
            builder.AddNearbyAuthentication();
        },
        app =>
        {
            var ops = app.MapGroup("/ops").RequireAuthorization(OperatorPolicy.Name).WithAudit();
            ops.MapGet("/users/7", () => "");
            ops.MapPut("/users/7/lock", () => Results.NotFound());
            ops.MapPut("/pins/3", (Pin pin) => pin.Server);
            ops.MapDelete("/users/7/lock", () => Results.NoContent());
            app.MapGet("/mine", () => "").RequireAuthorization(OperatorPolicy.Name);
        });

    private static void SignIn(TestService service, string? role = null) => service.Client.DefaultRequestHeaders.Authorization = new(
        "Bearer", service.Services.GetRequiredService<DevelopmentTokens>().Issue(42, role));

    private static async Task CallAsync(TestService service, HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        using var response = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private async Task LoggedAsync(params string[] expected)
    {
        await Eventually.True(() => _log.Lines.Count >= expected.Length, "the log has all");
        Assert.Equal(expected, _log.Lines);
    }

    private sealed record Pin(string Server);

    private sealed class AuditLog : ILoggerProvider, ILogger
    {
        public System.Collections.Concurrent.ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) =>
            categoryName == "NearbyFriends.Audit" ? this : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
