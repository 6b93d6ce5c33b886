using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Spectre.Console;

namespace NearbyFriends.HistoryWorker.Export;

/// <summary><c>history-worker export --from --to --format csv|parquet --out DIR [--keep-ids]</c></summary>
public static class ExportCommand
{
    public static Command Create(Func<Func<IServiceProvider, CancellationToken, Task<int>>, CancellationToken, Task<int>> run)
    {
        var from = new Option<DateTime>("--from") { Description = "The oldest time to include: a day or an instant, UTC, such as 2026-01-31 or 2026-01-31T12:00Z", Required = true, CustomParser = Instant };
        var to = new Option<DateTime>("--to") { Description = "The first time to leave out", Required = true, CustomParser = Instant };
        var format = new Option<string>("--format") { Description = "csv (compressed with gzip) or parquet", DefaultValueFactory = _ => "csv" };
        var folder = new Option<string>("--out") { Description = "The folder for the files, one per day", Required = true };
        var keepIds = new Option<bool>("--keep-ids") { Description = "Name users by their ids instead of by pseudonyms of this export" };
        format.AcceptOnlyFromAmong("csv", "parquet");
        var command = new Command("export", "Writes the history into files, for machine learning") { from, to, format, folder, keepIds };
        command.SetAction((parsed, cancellationToken) =>
        {
            var request = new ExportRequest(
                parsed.GetValue(from),
                parsed.GetValue(to),
                Enum.Parse<ExportFormat>(parsed.GetValue(format)!, ignoreCase: true),
                parsed.GetValue(folder)!,
                parsed.GetValue(keepIds));
            return run((services, cancel) => ExportAsync(services.GetRequiredService<HistoryExport>(), request, cancel), cancellationToken);
        });
        return command;
    }

    private static DateTime Instant(ArgumentResult argument)
    {
        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (DateTime.TryParse(argument.Tokens[0].Value, CultureInfo.InvariantCulture, Utc, out var instant))
        {
            return instant;
        }

        argument.AddError($"{argument.Tokens[0].Value} is neither a day nor an instant, such as 2026-01-31 or 2026-01-31T12:00Z.");
        return default;
    }

    private static async Task<int> ExportAsync(HistoryExport export, ExportRequest request, CancellationToken cancellationToken)
    {
        var days = await export.DaysAsync(request, cancellationToken);
        var rows = 0L;
        await AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var bar = context.AddTask("Exporting", maxValue: Math.Max(1, days.Sum(day => day.RowEstimate)));
                var before = 0.0;
                var current = default(DateOnly);
                rows = await export.ExportAsync(request, days, Show, cancellationToken);
                bar.Value = bar.MaxValue;

                void Show(DateOnly day, long written)
                {
                    if (day != current)
                    {
                        (current, before) = (day, bar.Value);
                    }

                    bar.Description = $"{day:yyyy-MM-dd}";
                    bar.Value = before + written;
                }
            });
        AnsiConsole.MarkupLineInterpolated($"{rows:N0} rows of {days.Count} days are in {request.Folder}.");
        return 0;
    }
}
