namespace NearbyFriends.TestServers;

/// <summary>A process that tests take away or freeze, and bring back.</summary>
public interface IKillable
{
    /// <summary>Takes it away at once (SIGKILL) and waits until it is gone.</summary>
    Task KillAsync();

    /// <summary>Starts it again where it was, with its data; kills it before when it still runs.</summary>
    Task RestartAsync();

    /// <summary>Stops it and its children where they are (SIGSTOP; Linux): connections stay open, and nothing is answered.</summary>
    void Freeze();

    /// <summary>Has it go on (SIGCONT).</summary>
    void Thaw();
}
