using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NearbyFriends.ServiceDefaults.Authentication;
using NearbyFriends.TestServers;

namespace NearbyFriends.UnitTests.Authentication;

/// <summary>What operators change is in the audit log.</summary>
public class OperatorAuditTests
{
    [Fact]
    public async Task Who_changes_what_and_what_came_of_it_is_logged_and_who_looks_is_not()
    {
        var log = new AuditLog();
        await using var service = await TestService.StartAsync(
            new() { ["Auth:SigningKey"] = TestService.SigningKey, ["Auth:OperatorKey"] = "an operator's key" },
            builder =>
            {
                builder.Logging.AddProvider(log);
                builder.AddNearbyAuthentication();
            },
            app =>
            {
                var ops = app.MapGroup("/ops").RequireAuthorization(OperatorPolicy.Name).WithAudit();
                ops.MapGet("/users/7", () => "");
                ops.MapPut("/users/7/lock", () => Results.NotFound());
                ops.MapDelete("/users/7/lock", () => Results.NoContent());
            });
        service.Client.DefaultRequestHeaders.Authorization = new(
            "Bearer", service.Services.GetRequiredService<DevelopmentTokens>().Issue(42, OperatorPolicy.Role));

        foreach (var (method, path) in ((HttpMethod, string)[])[(HttpMethod.Get, "/ops/users/7"), (HttpMethod.Put, "/ops/users/7/lock"), (HttpMethod.Delete, "/ops/users/7/lock")])
        {
            using var request = new HttpRequestMessage(method, path);
            using var response = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
        }

        string[] expected =
        [
            "Operator 42 at 127.0.0.1: PUT /ops/users/7/lock was answered 404.",
            "Operator 42 at 127.0.0.1: DELETE /ops/users/7/lock was answered 204.",
        ];
        await Eventually.True(() => log.Lines.Count == expected.Length, "the log has both");
        Assert.Equal(expected, log.Lines);
    }

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
