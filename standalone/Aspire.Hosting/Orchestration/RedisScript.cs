using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Standalone;

/// <summary>
/// A container of the Redis image whose entry point is a shell: the script that it is given runs on this machine, where
/// redis-server and redis-cli are the machine's own. What it starts listens on loopback only (<c>REDIS_BIND</c>).
/// </summary>
static class RedisScript
{
    public static async Task<ProcessPlan> Plan(ServerSetup setup)
    {
        Machine.Find("redis-server", "redis-server");
        Machine.Find("redis-cli", "redis-tools");
        var shell = ((ContainerResource)setup.Resource).Entrypoint
            ?? throw new DistributedApplicationException($"'{setup.Resource.Name}': of the image redis, standalone mode runs scripts only; give an entry point.");
        return new ProcessPlan(shell, setup.Arguments)
        {
            Environment = new Dictionary<string, string>(await ModelValues.Environment(setup.Resource, setup.Cancel)) { ["REDIS_BIND"] = "127.0.0.1" },
            WorkingDirectory = setup.DataFolder,
            IfOrphaned = Signal.Terminate, // it ends what it started
        };
    }
}
