using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Spectre.Console;

namespace NearbyFriends.Benchmarks;

/// <summary>What a benchmark found: a table for people, and <c>.nearby/bench/NAME.json</c> for programs.</summary>
public sealed class Report(string name)
{
    private static readonly JsonSerializerOptions Readable = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private readonly List<(string Metric, double Value, string Unit)> _results = [];
    private readonly Table _table = new Table().AddColumns("metric", "value", "unit", "target", "conditions");

    /// <summary>Adds a figure.</summary>
    /// <param name="metric">Its name.</param>
    /// <param name="value">The figure.</param>
    /// <param name="unit">Its unit.</param>
    /// <param name="target">What it should be, such as "&gt;= 0.7", or "report".</param>
    /// <param name="met">Whether it is; null where there is no target.</param>
    /// <param name="conditions">How it was measured.</param>
    public void Add(string metric, double value, string unit, string target, bool? met, string conditions)
    {
        var shown = value.ToString(Math.Abs(value) >= 1_000 ? "N0" : "0.###", CultureInfo.InvariantCulture);
        _results.Add((metric, value, unit));
        _table.AddRow(metric, met switch { true => $"[green]{shown}[/]", false => $"[red]{shown}[/]", null => shown }, unit, target.EscapeMarkup(), conditions.EscapeMarkup());
    }

    /// <summary>Says what is being measured.</summary>
    public static void Stage(string what) => AnsiConsole.MarkupLineInterpolated($"[grey]{what}[/]");

    /// <summary>Prints the table and writes the file.</summary>
    public void Write()
    {
        AnsiConsole.Write(_table);
        var path = Path.Combine(Directory.GetCurrentDirectory(), ".nearby", "bench", name + ".json");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var content = new
        {
            name,
            commit = Commit(),
            machine = $"{Environment.ProcessorCount} x {Processor()}, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GiB, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}",
            results = _results.Select(result => new { metric = result.Metric, value = result.Value, unit = result.Unit }),
        };
        File.WriteAllText(path, JsonSerializer.Serialize(content, Readable));
    }

    private static string Processor()
    {
        const string CpuInfo = "/proc/cpuinfo";
        var line = File.Exists(CpuInfo) ? File.ReadLines(CpuInfo).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?.Split(':')[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }

    private static string Commit()
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", ["rev-parse", "--short", "HEAD"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
            return git.StandardOutput.ReadToEnd().Trim();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "unknown";
        }
    }
}
