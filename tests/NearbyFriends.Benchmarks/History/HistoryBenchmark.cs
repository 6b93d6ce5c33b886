using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using NearbyFriends.History;
using NearbyFriends.HistoryWorker.Storing;
using NearbyFriends.HistoryWorker.Streams;
using NearbyFriends.TestServers;
using Npgsql;

namespace NearbyFriends.Benchmarks.History;

/// <summary><c>./nearby bench history</c></summary>
internal static class HistoryBenchmark
{
    private const string Servers = "Redis AOF everysec, Postgres fsync off";

    public static async Task RunAsync(Report report, bool quick)
    {
        await StreamBytesAsync(report, quick ? 100_000 : 500_000);
        await ThroughputAsync(report, rows: quick ? 200_000 : 1_000_000, rounds: quick ? 3 : 5);
        await PeakMemoryAsync(report, quick ? 200_000 : 1_000_000);
        await UnderFireAsync(report, quick ? 40_000 : 200_000);
        report.Write();
    }

    private static async Task StreamBytesAsync(Report report, int updates)
    {
        Report.Stage($"Bytes in the stream: {updates:N0} updates in batches of 32");
        await using var bench = await HistoryBench.StartAsync();
        await bench.FillAsync(HistoryBench.Points(1_000), batch: 32); // the streams exist
        var before = await UsedMemoryAsync(bench);
        await bench.FillAsync(HistoryBench.Points(updates), batch: 32);
        var bytes = (await UsedMemoryAsync(bench) - before) / updates;
        report.Add("stream_bytes_per_update", bytes, "B", "<= 40", bytes <= 40, "memory of Redis per update, entries of 32 updates, ids of 63 random bits");
    }

    private static async Task ThroughputAsync(Report report, int rows, int rounds)
    {
        var connections = new HistoryStoreOptions().Connections;
        var (worker, raw, workerCpu, streamCpu) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        await using var bench = await HistoryBench.StartAsync();
        for (var round = 0; round <= rounds; round++)
        {
            Report.Stage(round == 0 ? "Stream to database: warming up" : $"Stream to database, against raw COPY: round {round} of {rounds}");
            await bench.FillAsync(HistoryBench.Points(rows), batch: 256);
            var streamBefore = await StreamCpuAsync(bench);
            var (stored, cpu) = await StoreAsync(bench);
            var stream = await StreamCpuAsync(bench) - streamBefore;
            var batches = await RawCopy.BatchesAsync(bench);
            await bench.ExecuteAsync("truncate location_history; checkpoint");
            var copied = await RawCopy.CopyAsync(bench, batches, connections);
            await bench.ExecuteAsync("truncate location_history; checkpoint");
            if (round > 0)
            {
                worker.Add(rows / stored.TotalSeconds);
                raw.Add(rows / copied.TotalSeconds);
                workerCpu.Add(cpu.TotalMicroseconds / rows);
                streamCpu.Add(stream.TotalMicroseconds / rows);
            }
        }

        var ratio = Measuring.Median(worker.Zip(raw, (ours, bare) => ours / bare));
        var conditions = $"{rows:N0} rows, median of {rounds} alternating rounds, {connections} connections each; {Servers}";
        report.Add("ratio_to_raw_copy", ratio, "ratio", ">= 0.7", ratio >= 0.7, conditions);
        report.Add("worker_rows_per_second", Measuring.Median(worker), "1/s", "report", null, conditions);
        report.Add("raw_copy_rows_per_second", Measuring.Median(raw), "1/s", "report", null, conditions);
        report.Add("worker_cpu_per_row", Measuring.Median(workerCpu), "us", "report", null, "reading, decoding, sorting, encoding, settling");
        report.Add("stream_cpu_per_row", Measuring.Median(streamCpu), "us", "report", null, "Redis: delivering, acknowledging, deleting");
    }

    // From the moment in which the worker has its streams and begins to read, until the last batch is committed and settled.
    private static async Task<(TimeSpan Took, TimeSpan Cpu)> StoreAsync(HistoryBench bench)
    {
        using var worker = await bench.StartWorkerAsync();
        var metrics = worker.Services.GetRequiredService<HistoryStreamMetrics>();
        await Eventually.True(() => metrics.Streams == HistoryStreams.Count, "the worker has all streams");
        var (start, cpuBefore) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        await bench.EmptiedAsync();
        var (took, cpu) = (Stopwatch.GetElapsedTime(start), Environment.CpuUsage.TotalTime - cpuBefore);
        await worker.StopAsync();
        return (took, cpu);
    }

    private static async Task PeakMemoryAsync(Report report, int backlog)
    {
        Report.Stage($"Memory of a worker with a backlog of {backlog:N0}");
        await using var bench = await HistoryBench.StartAsync();
        await bench.FillAsync(HistoryBench.Points(backlog), batch: 256);
        await using var worker = await bench.StartWorkerProcessAsync();
        await bench.EmptiedAsync();
        var peak = worker.PeakMemory / 1e6;
        report.Add("worker_peak_mb", peak, "MB", "<= 300", peak <= 300, $"most resident memory of the process while it stores a backlog of {backlog:N0}");
    }

    private static async Task UnderFireAsync(Report report, int updates)
    {
        const int Kills = 3;
        Report.Stage($"Under fire: {updates:N0} updates, two workers, each killed {Kills} times, Postgres restarted once");
        await using var bench = await HistoryBench.StartAsync();
        await using var first = await bench.StartWorkerProcessAsync();
        await using var second = await bench.StartWorkerProcessAsync();
        var filling = FillSlowlyAsync(bench, HistoryBench.Points(updates));
        for (var kill = 0; kill < Kills; kill++)
        {
            foreach (var worker in new[] { first, second })
            {
                await Task.Delay(Random.Shared.Next(1_000, 4_000));
                await worker.KillAndStartAnotherAsync();
            }

            if (kill == 1)
            {
                await bench.Postgres.RestartAsync();
            }
        }

        await filling;
        await bench.EmptiedAsync();
        NpgsqlConnection.ClearAllPools(); // of before the restart
        var rows = await bench.CountAsync("select count(*) from location_history");
        var distinct = await bench.CountAsync("select count(*) from (select distinct user_id, recorded_at from location_history) d");
        var conditions = $"{updates:N0} updates, two workers each killed -9 {Kills} times at random, Postgres restarted once; {Servers}";
        report.Add("lost", updates - distinct, "rows", "0", distinct == updates, conditions);
        report.Add("duplicated", rows - distinct, "rows", "0", rows == distinct, conditions);
    }

    // Over some twenty seconds, so that there is work whenever a worker is killed.
    private static async Task FillSlowlyAsync(HistoryBench bench, IEnumerable<HistoryPoint> points)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        foreach (var part in points.Chunk(1_000))
        {
            await bench.FillAsync(part, batch: 32);
            await pace.WaitForNextTickAsync();
        }
    }

    private static Task<double> UsedMemoryAsync(HistoryBench bench) => RedisInfo.NumberAsync(bench.Stream, "used_memory");

    private static Task<TimeSpan> StreamCpuAsync(HistoryBench bench) => RedisInfo.CpuAsync(bench.Stream);
}
