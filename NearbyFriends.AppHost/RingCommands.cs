using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace NearbyFriends.AppHost;

/// <summary>What operators do to the ring and to gateways (docs/operations.md), as commands on the dashboard. A gateway carries them out.</summary>
internal static class RingCommands
{
    /// <summary>
    /// Adds the commands. Roles change while the system runs, and a dead server is replaced by its own command: so each server has all of
    /// them at all times, and what makes no sense at the moment the gateway refuses with a sentence.
    /// </summary>
    public static void WithRingCommands(
        this IResourceBuilder<ProjectResource> gateway,
        IReadOnlyList<IResourceBuilder<IResourceWithConnectionString>> servers,
        IResourceBuilder<ParameterResource> operatorKey)
    {
        var calls = new OperatorCalls(gateway, operatorKey);
        var names = servers.Select(server => server.Resource.Name).ToArray();
        foreach (var server in servers)
        {
            var name = server.Resource.Name;
            var path = $"/v1/ops/ring/servers/{name}";
            server
                .WithCommand("ring-add", "Add to the ring", _ => new(HttpMethod.Post, "/v1/ops/ring/servers", new { name }), calls, new()
                {
                    Description = "A standby begins to own channels.",
                    IconName = "AddCircle",
                })
                .WithCommand("ring-replace", "Replace by a standby", arguments => new(HttpMethod.Put, path, new { with = Optional(arguments, "with") }), calls, new()
                {
                    Description = "A standby takes its place and its channels.",
                    IconName = "ArrowSwap",
                    Arguments = [Choice("with", "Standby", "Takes its place; the first standby if empty.", names.Where(other => other != name))],
                })
                .WithCommand("ring-remove", "Remove from the ring", _ => new(HttpMethod.Delete, path), calls, new()
                {
                    Description = "The other servers take its channels.",
                    IconName = "SubtractCircle",
                    ConfirmationMessage = $"Remove {name} from the ring?",
                })
                .WithCommand("ring-pin", "Pin a channel here", arguments => new(HttpMethod.Put, ChannelPath(arguments), new { server = name }), calls, new()
                {
                    Description = "The channel stays on this server until it is unpinned.",
                    IconName = "Pin",
                    Arguments = [Channel],
                })
                .WithCommand("ring-unpin", "Unpin a channel", arguments => new(HttpMethod.Delete, ChannelPath(arguments)), calls, new()
                {
                    Description = "The ring places the channel again.",
                    IconName = "PinOff",
                    Arguments = [Channel],
                });
        }

        gateway
            .WithReplicaCommand("drain", "Drain", HttpMethod.Post, calls, "Refuses new sessions and sends the others elsewhere.", "PlugDisconnected")
            .WithReplicaCommand("drain-end", "End the drain", HttpMethod.Delete, calls, "Takes sessions again.", "PlugConnected");
    }

    private static InteractionInput Channel => new()
    {
        Name = "channel",
        Label = "Channel",
        Description = "As 'nearby ops ring' names it.",
        InputType = InputType.Text,
        Placeholder = "p0",
        Required = true,
    };

    private static InteractionInput Choice(string name, string label, string description, IEnumerable<string> options) => new()
    {
        Name = name,
        Label = label,
        Description = description,
        InputType = InputType.Choice,
        Options = [.. options.Select(option => KeyValuePair.Create(option, option))],
    };

    private static string? Optional(InteractionInputCollection arguments, string name) =>
        arguments.ContainsName(name) && arguments.GetString(name) is { Length: > 0 } value ? value : null;

    private static string ChannelPath(InteractionInputCollection arguments) => $"/v1/ops/ring/pins/{Uri.EscapeDataString(arguments.GetString("channel") ?? "")}";

    private static IResourceBuilder<IResourceWithConnectionString> WithCommand(
        this IResourceBuilder<IResourceWithConnectionString> server,
        string name,
        string displayName,
        Func<InteractionInputCollection, OperatorCall> call,
        OperatorCalls calls,
        CommandOptions options) =>
        server.WithCommand(name, displayName, context => calls.Execute(call(context.Arguments), context), options);

    // Aspire's name of a replica is the gateway's own.
    private static IResourceBuilder<ProjectResource> WithReplicaCommand(
        this IResourceBuilder<ProjectResource> gateway, string name, string displayName, HttpMethod method, OperatorCalls calls, string description, string icon) =>
        gateway.WithCommand(
            name,
            displayName,
            context => calls.Execute(new(method, $"/v1/ops/gateways/{context.ResourceName}/drain"), context),
            new CommandOptions { Description = description, IconName = icon });
}

/// <summary>A call to a gateway's <c>/v1/ops</c>.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Absolute.</param>
/// <param name="Body">Sent as JSON; nothing when null.</param>
internal sealed record OperatorCall(HttpMethod Method, string Path, object? Body = null);

/// <summary>Makes operators' calls with their key.</summary>
internal sealed class OperatorCalls(IResourceBuilder<ProjectResource> gateway, IResourceBuilder<ParameterResource> operatorKey)
{
    /// <summary>Succeeds when the gateway accepts, and else fails with its own sentence.</summary>
    public async Task<ExecuteCommandResult> Execute(OperatorCall call, ExecuteCommandContext context)
    {
        using var client = context.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        using var request = new HttpRequestMessage(call.Method, gateway.GetEndpoint("http").Url + call.Path);
        request.Headers.Add("X-Operator-Key", await Key(context.CancellationToken));
        request.Content = call.Body is null ? null : JsonContent.Create(call.Body);
        try
        {
            using var response = await client.SendAsync(request, context.CancellationToken);
            return response.IsSuccessStatusCode
                ? CommandResults.Success()
                : CommandResults.Failure(await WhyNot(response, context.CancellationToken));
        }
        catch (HttpRequestException failure)
        {
            return CommandResults.Failure($"No gateway answers: {failure.Message}");
        }
    }

    private async ValueTask<string?> Key(CancellationToken cancel) =>
        gateway.ApplicationBuilder.Configuration["Auth:OperatorKey"] is { Length: > 0 } configured
            ? configured
            : await operatorKey.Resource.GetValueAsync(cancel);

    private static async Task<string> WhyNot(HttpResponseMessage response, CancellationToken cancel)
    {
        if (response.Content.Headers.ContentType?.MediaType == "application/problem+json")
        {
            var problem = await response.Content.ReadFromJsonAsync<JsonElement>(cancel);
            if (problem.TryGetProperty("detail", out var detail) && detail.GetString() is { } sentence)
            {
                return sentence;
            }
        }

        return $"The gateway answered {(int)response.StatusCode}.";
    }
}
