using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Standalone;

/// <summary>What a resource says, each line after its name; on a terminal every resource has a colour of its own.</summary>
sealed class ConsoleLines
{
    static readonly int[] Colours = [36, 32, 33, 35, 34, 96, 92, 93, 95, 94];
    static readonly bool Coloured = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null;

    readonly string prefix;

    ConsoleLines(string name)
    {
        var hash = name.Aggregate(17u, (hash, letter) => (hash * 31) + letter);
        prefix = Coloured ? $"\e[{Colours[hash % Colours.Length]}m{name,-18}\e[0m " : $"{name,-18} ";
    }

    public static ConsoleLines Of(string name) => new(name);

    public void Write(string? line)
    {
        if (line is not null) Console.WriteLine(prefix + line);
    }
}

/// <summary>The AppHost's own log, in the same shape.</summary>
sealed class HostLog : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new Logger();

    public void Dispose()
    {
    }

    sealed class Logger : ILogger
    {
        readonly ConsoleLines lines = ConsoleLines.Of("apphost");

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var level = logLevel == LogLevel.Information ? "" : $"{logLevel}: ";
            lines.Write(level + formatter(state, exception) + (exception is null ? "" : $" {exception}"));
        }
    }
}
