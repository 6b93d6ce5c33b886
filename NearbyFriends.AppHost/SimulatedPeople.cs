namespace NearbyFriends.AppHost;

/// <summary>The simulator as a resource: walkers by default, or the movers of a recorded file.</summary>
internal static class SimulatedPeople
{
    /// <summary>Recorded positions are a minute apart: so much faster than life, friends move as often as on a live map.</summary>
    private const string ReplaySpeed = "10";

    /// <summary>
    /// Adds people who use the system as phones would. <c>Simulator:Replay</c> and <c>Simulator:Friends</c> name files to replay
    /// instead of walking at random.
    /// </summary>
    public static void AddSimulator(
        this IDistributedApplicationBuilder builder, IResourceBuilder<ProjectResource> api, IResourceBuilder<ProjectResource> gateway)
    {
        var simulator = builder.AddProject<Projects.NearbyFriends_Simulator>("simulator", launchProfileName: null)
            .WithoutHttpsCertificate()
            .WithEnvironment("Simulator__Api", api.GetEndpoint("http"))
            .WithEnvironment("Simulator__Gateway", gateway.GetEndpoint("http"))
            .WaitFor(api)
            .WaitFor(gateway);

        _ = (builder.Configuration["Simulator:Replay"], builder.Configuration["Simulator:Friends"]) switch
        {
            ({ Length: > 0 } replay, { Length: > 0 } friends) => simulator.WithArgs("replay", replay, "--friends", friends, "--speed", ReplaySpeed),
            (null or "", null or "") => simulator.WithArgs("walk"),
            _ => throw new DistributedApplicationException("Simulator:Replay and Simulator:Friends go together: set both, or none."),
        };
    }
}
