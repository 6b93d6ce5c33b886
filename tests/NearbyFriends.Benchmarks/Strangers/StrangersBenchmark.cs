namespace NearbyFriends.Benchmarks.Strangers;

/// <summary>
/// What strangers nearby cost: 20,000 people in one city, and 20,000 in one square kilometre. Everything but servers and sockets.
/// </summary>
internal static class StrangersBenchmark
{
    private const int People = 20_000;
    private const int StepsOfRound = 60; // in which everybody moves once
    private const double StepSeconds = 0.5;

    public static void Run(Report report, bool quick)
    {
        var viewers = quick ? 500 : 2_000;
        Measure(report, "city_1km", metres: 10_000, radius: 1_000, viewers);
        Measure(report, "city_5km", metres: 10_000, radius: 5_000, viewers);
        Measure(report, "crowd_1km", metres: 500, radius: 1_000, viewers);
        report.Write();
    }

    private static void Measure(Report report, string name, double metres, int radius, int viewers)
    {
        var conditions = $"{People:N0} people within {metres / 1_000:0.#} km, a location every 30 s, {viewers:N0} of them look within {radius / 1_000} km every 2 s";
        Report.Stage(conditions);
        var city = new CityOfStrangers(People, metres);
        city.Look(viewers, radius);
        for (var step = 0; step < StepsOfRound; step++)
        {
            city.Step(step);
        }

        var (updates, frames, bytes, take, look, looks) = (city.Updates, city.Frames, city.FrameBytes, city.TakeSeconds, city.LookSeconds, city.Looks);
        city.Viewers.ForEach(viewer => (viewer.Messages, viewer.Bytes) = (0, 0));
        for (var step = 0; step < 2 * StepsOfRound; step++)
        {
            city.Step(step);
        }

        var seconds = 2 * StepsOfRound * StepSeconds;
        updates = city.Updates - updates;
        frames = city.Frames - frames;
        Add("cells_watched", city.CellsWatched, "channels");
        Add("frames_per_second", frames / seconds, "1/s", ", 4 gateways, window 500 ms");
        Add("updates_per_frame", updates / (double)frames, "updates");
        Add("frame_bytes_per_update", (city.FrameBytes - bytes) / (double)updates, "B");
        Add("take_us_per_update", (city.TakeSeconds - take) / updates * 1e6, "us");
        Add("look_us", (city.LookSeconds - look) / (city.Looks - looks) * 1e6, "us");
        Add("messages_per_session_and_minute", city.Viewers.Average(viewer => viewer.Messages) / seconds * 60, "messages");
        Add("bytes_per_session_and_second", city.Viewers.Average(viewer => viewer.Bytes) / seconds, "B/s", ", JSON");
        report.Add($"{name}_largest_message", city.Viewers.Max(viewer => viewer.Largest), "B", "<= 8,000", city.Viewers.Max(viewer => viewer.Largest) <= 8_000, conditions);

        void Add(string metric, double value, string unit, string more = "") => report.Add($"{name}_{metric}", value, unit, "report", null, conditions + more);
    }
}
