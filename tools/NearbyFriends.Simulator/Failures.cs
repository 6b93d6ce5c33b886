using NearbyFriends.Client;

namespace NearbyFriends.Simulator;

/// <summary>What a person at a command line can do something about is told as a sentence, not as a stack trace.</summary>
internal static class Failures
{
    public static async Task<int> ReportAsync(Func<Task<int>> command)
    {
        try
        {
            return await command();
        }
        catch (Exception e) when (e is InvalidOperationException or InvalidDataException or IOException or HttpRequestException
            or TimeoutException or NearbyApiException or NearbyStoppedException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
    }
}
