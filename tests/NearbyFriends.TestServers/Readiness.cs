namespace NearbyFriends.TestServers;

/// <summary>Whether a service says that it is ready.</summary>
public static class Readiness
{
    /// <summary>Waits until <c>/health</c> of the service answers so.</summary>
    /// <param name="service">Its base address.</param>
    /// <param name="deadline">How long at most; as <see cref="Eventually"/> unless given.</param>
    /// <exception cref="TimeoutException">It was not ready in time.</exception>
    public static async Task WaitAsync(Uri service, TimeSpan? deadline = null)
    {
        using var http = new HttpClient();
        await Eventually.True(() => IsReadyAsync(http, new Uri(service, "health")), $"{service} is ready", deadline);
    }

    private static async Task<bool> IsReadyAsync(HttpClient http, Uri health)
    {
        try
        {
            using var answer = await http.GetAsync(health);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false; // it starts
        }
    }
}
