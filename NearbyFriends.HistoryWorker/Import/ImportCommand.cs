using System.CommandLine;
using System.Diagnostics;
using Spectre.Console;

namespace NearbyFriends.HistoryWorker.Import;

/// <summary><c>history-worker import FILE…</c></summary>
public static class ImportCommand
{
    public static Command Create(Func<Func<IServiceProvider, CancellationToken, Task<int>>, CancellationToken, Task<int>> run)
    {
        var files = new Argument<FileInfo[]>("FILE")
        {
            Description = "CSV with the header mover_id,epoch_seconds,lat,lon; also compressed (.gz)",
            Arity = ArgumentArity.OneOrMore,
        };
        files.AcceptExistingOnly();
        var command = new Command("import", "Loads files into the history; loading one again adds nothing") { files };
        command.SetAction((parsed, cancellationToken) =>
            run((services, cancel) => ImportAsync(services.GetRequiredService<HistoryImport>(), parsed.GetValue(files)!, cancel), cancellationToken));
        return command;
    }

    private static async Task<int> ImportAsync(HistoryImport import, FileInfo[] files, CancellationToken cancellationToken)
    {
        foreach (var file in files)
        {
            var start = Stopwatch.GetTimestamp();
            var result = default(ImportProgress);
            await AnsiConsole.Progress()
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                .StartAsync(async context =>
                {
                    var bar = context.AddTask(file.Name.EscapeMarkup(), maxValue: Math.Max(1, file.Length));
                    result = await import.ImportAsync(file.FullName, new ToBar(bar), cancellationToken);
                    bar.Value = bar.MaxValue;
                });
            var rate = result.Points / Stopwatch.GetElapsedTime(start).TotalSeconds;
            AnsiConsole.MarkupLineInterpolated($"{file.Name}: {result.Points:N0} points, {result.Rows:N0} of them new, {rate:N0} points/s.");
        }

        return 0;
    }

    private sealed class ToBar(ProgressTask bar) : IProgress<ImportProgress>
    {
        public void Report(ImportProgress value) => bar.Value = value.Bytes;
    }
}
