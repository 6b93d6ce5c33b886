using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Standalone;

/// <summary>Asks a resource's callbacks, and turns what they give into strings, now that every port is known.</summary>
static class ModelValues
{
    public static async Task<List<string>> Arguments(IResource resource, CancellationToken cancel)
    {
        List<object> collected = [];
        var context = new CommandLineArgsCallbackContext(collected, resource, cancel);
        foreach (var annotation in resource.Annotations.OfType<ArgumentsCallback>())
        {
            annotation.Callback(context);
        }

        List<string> arguments = [];
        foreach (var value in collected)
        {
            arguments.Add(await Text(value, cancel));
        }

        return arguments;
    }

    public static async Task<Dictionary<string, string>> Environment(IResource resource, CancellationToken cancel)
    {
        var context = new EnvironmentCallbackContext(new DistributedApplicationExecutionContext(), resource, [], cancel);
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallback>())
        {
            annotation.Callback(context);
        }

        Dictionary<string, string> environment = [];
        foreach (var (name, value) in context.EnvironmentVariables)
        {
            environment[name] = await Text(value, cancel);
        }

        return environment;
    }

    static async ValueTask<string> Text(object value, CancellationToken cancel) =>
        (value is IValueProvider provider ? await provider.GetValueAsync(cancel) : Convert.ToString(value, CultureInfo.InvariantCulture)) ?? "";
}
