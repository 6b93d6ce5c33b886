namespace Aspire.Hosting.ApplicationModel;

public enum ResourceCommandState
{
    Enabled = 0,
    Disabled = 1,
    Hidden = 2,
}

public sealed class UpdateCommandStateContext;

public class CommandOptions
{
    public string? Description { get; set; }

    public string? ConfirmationMessage { get; set; }

    public string? IconName { get; set; }

    public Func<UpdateCommandStateContext, ResourceCommandState>? UpdateState { get; set; }
}

public class HttpCommandOptions : CommandOptions
{
    public HttpMethod? Method { get; set; }

    public Func<HttpCommandRequestContext, Task>? PrepareRequest { get; set; }

    public Func<HttpCommandResultContext, Task<ExecuteCommandResult>>? GetCommandResult { get; set; }
}

public sealed class HttpCommandRequestContext
{
    public required EndpointReference Endpoint { get; init; }

    public required HttpRequestMessage Request { get; init; }

    public required CancellationToken CancellationToken { get; init; }
}

public sealed class HttpCommandResultContext
{
    public required EndpointReference Endpoint { get; init; }

    public required HttpResponseMessage Response { get; init; }

    public required CancellationToken CancellationToken { get; init; }
}

public sealed class ExecuteCommandResult
{
    public required bool Success { get; init; }

    public string? Message { get; init; }
}

public static class CommandResults
{
    public static ExecuteCommandResult Success() => new() { Success = true };

    public static ExecuteCommandResult Failure(string? errorMessage = null) => new() { Success = false, Message = errorMessage };
}

/// <summary>Runs the commands of resources. The dashboard of standalone mode lists no resources, so that tests alone ask for it.</summary>
public class ResourceCommandService
{
    internal ResourceCommandService()
    {
    }

    public Task<ExecuteCommandResult> ExecuteCommandAsync(IResource resource, string commandName, CancellationToken cancellationToken = default) =>
        resource.Annotations.OfType<HttpCommand>().SingleOrDefault(command => command.Name == commandName) is { } command
            ? command.Execute(cancellationToken)
            : Task.FromResult(CommandResults.Failure($"'{resource.Name}' has no command '{commandName}'."));
}

/// <summary>A command that is a request to an endpoint, sent when somebody asks for it.</summary>
sealed record HttpCommand(string Name, EndpointReference Endpoint, string Path, HttpCommandOptions Options) : IResourceAnnotation
{
    public async Task<ExecuteCommandResult> Execute(CancellationToken cancel)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(Options.Method ?? HttpMethod.Post, new Uri(new Uri(Endpoint.Url), Path));
        try
        {
            if (Options.PrepareRequest is { } prepare)
                await prepare(new() { Endpoint = Endpoint, Request = request, CancellationToken = cancel });

            using var response = await client.SendAsync(request, cancel);
            if (Options.GetCommandResult is { } result)
                return await result(new() { Endpoint = Endpoint, Response = response, CancellationToken = cancel });

            return response.IsSuccessStatusCode
                ? CommandResults.Success()
                : CommandResults.Failure($"Request failed with status code {response.StatusCode}");
        }
        catch (HttpRequestException failure)
        {
            return CommandResults.Failure(failure.Message);
        }
    }
}
