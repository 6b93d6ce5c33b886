using System.Net.Http.Json;
using System.Text.Json;

namespace NearbyFriends.AppHost;

/// <summary>What operators do to the ring (docs/operations.md), as commands of the pub/sub servers on the dashboard.</summary>
static class RingCommands
{
    /// <summary>
    /// Adds the commands. Roles change while the system runs, and a dead server is replaced by its own command: so each server has all of
    /// them at all times, and what makes no sense at the moment the gateway refuses with a sentence.
    /// </summary>
    public static void WithRingCommands(
        this IResourceBuilder<ProjectResource> gateway,
        IEnumerable<IResourceBuilder<RedisResource>> servers,
        IResourceBuilder<ParameterResource> operatorKey)
    {
        foreach (var server in servers)
        {
            var name = server.Resource.Name;
            var path = $"/v1/ops/ring/servers/{name}";
            server
                .WithCommand(gateway, "ring-add", "Add to the ring", "A standby begins to own channels.", "AddCircle",
                    new(HttpMethod.Post, "/v1/ops/ring/servers", new { name }), operatorKey)
                .WithCommand(gateway, "ring-replace", "Replace by a standby", "The first standby takes its place and its channels.", "ArrowSwap",
                    new(HttpMethod.Put, path), operatorKey)
                .WithCommand(gateway, "ring-remove", "Remove from the ring", "The other servers take its channels.", "SubtractCircle",
                    new(HttpMethod.Delete, path), operatorKey);
        }
    }

    static IResourceBuilder<RedisResource> WithCommand(
        this IResourceBuilder<RedisResource> server,
        IResourceBuilder<ProjectResource> gateway,
        string name,
        string displayName,
        string description,
        string icon,
        Call call,
        IResourceBuilder<ParameterResource> operatorKey) =>
        server.WithHttpCommand(call.Path, displayName, () => gateway.GetEndpoint("http"), name, new HttpCommandOptions
        {
            Description = description,
            IconName = icon,
            Method = call.Method,
            UpdateState = _ => ResourceCommandState.Enabled,
            PrepareRequest = async context =>
            {
                var key = gateway.ApplicationBuilder.Configuration["Auth:OperatorKey"] is { Length: > 0 } configured
                    ? configured
                    : await operatorKey.Resource.GetValueAsync(context.CancellationToken);
                context.Request.Headers.Add("X-Operator-Key", key);
                context.Request.Content = call.Body is null ? null : JsonContent.Create(call.Body);
            },
            GetCommandResult = async context => context.Response.IsSuccessStatusCode
                ? CommandResults.Success()
                : CommandResults.Failure(await WhyNot(context.Response, context.CancellationToken)),
        });

    /// <summary>The problem's own sentence, where the gateway gave one.</summary>
    static async Task<string> WhyNot(HttpResponseMessage response, CancellationToken cancel)
    {
        if (response.Content.Headers.ContentType?.MediaType == "application/problem+json")
        {
            var problem = await response.Content.ReadFromJsonAsync<JsonElement>(cancel);
            if (problem.TryGetProperty("detail", out var detail) && detail.GetString() is { } sentence) return sentence;
        }

        return $"The gateway answered {(int)response.StatusCode}.";
    }

    sealed record Call(HttpMethod Method, string Path, object? Body = null);
}
