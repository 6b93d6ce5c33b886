using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace NearbyFriends.AppHostTests;

/// <summary>What operators do with a click on the dashboard.</summary>
public sealed class RingCommandTests(RunningSystem system)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_is_replaced_added_and_removed_by_its_commands()
    {
        await system.Endpoints(Cancel);

        foreach (var (command, server) in new[] { ("ring-replace", "pubsub-0"), ("ring-add", "pubsub-0"), ("ring-remove", "pubsub-standby-0") })
        {
            var done = await Execute(command, server);
            Assert.True(done.Success, $"{command} {server}: {done.Message}");
        }
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused_with_the_gateways_sentence()
    {
        await system.Endpoints(Cancel);

        var refused = await Execute("ring-add", "pubsub-1");

        Assert.False(refused.Success);
        Assert.Equal("pubsub-1 is in the ring already.", refused.Message);
    }

    /// <summary>One change is pending at a time, so the one before may have to be waited for.</summary>
    private async Task<ExecuteCommandResult> Execute(string command, string server)
    {
        var application = await system.Started();
        var model = application.Services.GetRequiredService<DistributedApplicationModel>();
        var resource = model.Resources.Single(resource => resource.Name == server);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        deadline.CancelAfter(Patience);
        while (true)
        {
            var result = await application.ResourceCommands.ExecuteCommandAsync(resource, command, Cancel);
            if (result.Success || result.Message?.Contains("pending", StringComparison.Ordinal) != true)
            {
                return result;
            }

            await Task.Delay(100, deadline.Token);
        }
    }
}
