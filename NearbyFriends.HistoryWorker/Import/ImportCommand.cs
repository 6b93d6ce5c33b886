using System.CommandLine;
using System.Diagnostics;
using NearbyFriends.HistoryWorker.Storing;
using Spectre.Console;

namespace NearbyFriends.HistoryWorker.Import;

/// <summary><c>history-worker import FILE… [--user ID|NAME] [--format csv|gpx|google]</c></summary>
public static class ImportCommand
{
    public static Command Create(Func<Func<IServiceProvider, CancellationToken, Task<int>>, CancellationToken, Task<int>> run)
    {
        var files = new Argument<FileInfo[]>("FILE")
        {
            Description = $"""
                GPX (track points that have a time); Google's Timeline (Timeline.json of an Android device, location-history.json of an iPhone,
                Records.json or a month's file of Takeout); or CSV with the header {MoverRows.Header}. Each also compressed with gzip
                """,
            Arity = ArgumentArity.OneOrMore,
        };
        var user = new Option<string?>("--user") { Description = "Whose record a GPX file or a Timeline is: the user's id, or the user name if ConnectionStrings__users is set" };
        var format = new Option<ImportFormat?>("--format") { Description = "csv, gpx or google; recognised by the content unless given" };
        files.AcceptExistingOnly();
        var command = new Command("import", "Loads files into the history; loading one again adds nothing") { files, user, format };
        command.SetAction((parsed, cancellationToken) =>
            run((services, cancel) => ImportAsync(services, parsed.GetValue(files)!, parsed.GetValue(user), parsed.GetValue(format), cancel), cancellationToken));
        return command;
    }

    private static async Task<int> ImportAsync(
        IServiceProvider services, FileInfo[] files, string? user, ImportFormat? format, CancellationToken cancellationToken)
    {
        long? userId = user is null ? null : await UserNames.FindAsync(user, services.GetRequiredService<IConfiguration>(), cancellationToken);
        var import = services.GetRequiredService<HistoryImport>();
        var hasEmpty = false;
        foreach (var file in files)
        {
            var start = Stopwatch.GetTimestamp();
            var result = default(ImportResult);
            await AnsiConsole.Progress()
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                .StartAsync(async context =>
                {
                    var bar = context.AddTask(file.Name.EscapeMarkup(), maxValue: Math.Max(1, file.Length));
                    result = await import.ImportAsync(new(file.FullName, format, userId), new ToBar(bar), cancellationToken);
                    bar.Value = bar.MaxValue;
                });
            Tell(file.Name, result, Stopwatch.GetElapsedTime(start), services.GetRequiredService<HistoryStore>().FirstKeptDay);
            hasEmpty |= result.Points == 0;
        }

        return hasEmpty ? 1 : 0;
    }

    private static void Tell(string file, in ImportResult result, TimeSpan took, DateOnly firstKept)
    {
        foreach (var (reason, count) in result.Skipped)
        {
            AnsiConsole.MarkupLineInterpolated($"{file}: skipped {count:N0} points {TextOf(reason)}.");
        }

        if (result.Expired > 0)
        {
            AnsiConsole.MarkupLineInterpolated(
                $"{file}: {result.Expired:N0} points are older than {firstKept:yyyy-MM-dd}, where History:Retention ends. They are stored, and stay until the user erases them.");
        }

        AnsiConsole.MarkupLineInterpolated(
            $"{file}: {result.Points:N0} points, {result.Rows:N0} of them new, {result.Points / took.TotalSeconds:N0} points/s.");
    }

    private static string TextOf(SkipReason reason) => reason switch
    {
        SkipReason.NoTime => "without a time that can be read",
        SkipReason.NoPosition => "without a position",
        SkipReason.OffEarth => "with a latitude or longitude out of range",
        SkipReason.Future => "in the future",
        SkipReason.Before1970 => "before 1970",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, message: null),
    };

    private sealed class ToBar(ProgressTask bar) : IProgress<ImportProgress>
    {
        public void Report(ImportProgress value) => bar.Value = value.Bytes;
    }
}
