namespace NearbyFriends.IntegrationTests.Load;

/// <summary>Tests that measure the process or load the machine: they run alone, after all others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "Alone";
}
