using Spectre.Console;

namespace NearbyFriends.Tools;

/// <summary>Shows how work goes: a live line on a terminal, a plain line now and then in a log.</summary>
public sealed class ProgressLine(IAnsiConsole console, TimeSpan logEvery)
{
    private readonly bool _isLive = console.Profile.Capabilities.Interactive && console.Profile.Out.IsTerminal;

    public IAnsiConsole Console => console;

    /// <summary>Runs <paramref name="work"/>, showing <paramref name="line"/> as it changes.</summary>
    public async Task<T> ShowAsync<T>(string title, Func<string> line, Task<T> work)
    {
        if (_isLive)
        {
            return await console.Status().StartAsync(Markup.Escape(title), async status =>
            {
                while (!await EndsWithinAsync(work, TimeSpan.FromMilliseconds(250)))
                {
                    status.Status(Markup.Escape($"{title}: {line()}"));
                }

                return await work;
            });
        }

        console.WriteLine(title);
        while (!await EndsWithinAsync(work, logEvery))
        {
            console.WriteLine($"{title}: {line()}");
        }

        return await work;
    }

    /// <inheritdoc cref="ShowAsync{T}"/>
    public Task ShowAsync(string title, Func<string> line, Task work) => ShowAsync(title, line, Wrap(work));

    private static async Task<bool> Wrap(Task work)
    {
        await work;
        return true;
    }

    private static async Task<bool> EndsWithinAsync(Task work, TimeSpan time) => await Task.WhenAny(work, Task.Delay(time)) == work;
}
