namespace NearbyFriends.Tools;

/// <summary>Reports a failure that the person at the command line can do something about as a sentence, not as a stack trace.</summary>
public static class Failures
{
    /// <summary>Runs a command; its exit code, 1 after an expected failure, 0 after a cancellation (Ctrl-C).</summary>
    /// <param name="command">Answers the exit code.</param>
    /// <param name="isExpected">Failures that this command expects, beside those of files, of the network and of its input.</param>
    public static async Task<int> ReportAsync(Func<Task<int>> command, Func<Exception, bool>? isExpected = null)
    {
        try
        {
            return await command();
        }
        catch (Exception e) when (e is InvalidOperationException or InvalidDataException or IOException or HttpRequestException or TimeoutException
            || isExpected?.Invoke(e) == true)
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
