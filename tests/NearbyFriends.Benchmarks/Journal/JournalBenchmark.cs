using System.Collections.Concurrent;
using System.Diagnostics;
using NearbyFriends.Benchmarks.Crowds;
using NearbyFriends.Client.Rest;
using NearbyFriends.People;
using Npgsql;

namespace NearbyFriends.Benchmarks.Journal;

/// <summary><c>./nearby bench journal</c>: how long a change of consent takes where only the journal tells of it, and what it writes.</summary>
internal static class JournalBenchmark
{
    private const int Users = 200;
    private const int Friends = 10;
    private const int FriendsOfMany = 5_000;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    public static async Task RunAsync(Report report, bool quick)
    {
        Report.Stage($"Starting an Api and 2 gateways, and connecting {Users} clients");
        var crowd = new Crowd(Users, Friends, stepMetres: 0);
        await using var fleet = await JournalFleet.StartAsync(crowd);
        await using var walkers = await Walkers.ConnectAsync(crowd, fleet.Gateways, Interval);
        var changes = quick ? 100 : 1_000;
        Report.Stage($"{changes} changes that nobody announces");
        var heal = (await ChangeAsync(crowd, walkers, fleet.Api, changes)).Select(time => time.TotalSeconds).Order().ToList();
        report.Add(
            "heal_seconds_max", heal[^1], "s", "<= 15", heal[^1] <= 15,
            $"{heal.Count} changes of sharing and friendship, every announcement dropped, tombstones failing, {Friends} friends each on 2 gateways; until the last client shows it; median {heal[heal.Count / 2]:0.0} s");
        var rows = await RowsAsync(crowd, fleet);
        report.Add("database_rows_per_change", rows, "rows", "<= 3", rows <= 3, $"sharing switched by a user with {FriendsOfMany:N0} friends");
        report.Write();
    }

    /// <summary>Of every four users one switches sharing, and two end and renew their friendship; each as soon as all clients show its last change.</summary>
    private static async Task<IReadOnlyCollection<TimeSpan>> ChangeAsync(Crowd crowd, Walkers walkers, Uri api, int changes)
    {
        using var http = new HttpClient { BaseAddress = api };
        var isHidden = new bool[crowd.Count];
        var times = new ConcurrentBag<TimeSpan>();
        var units = crowd.Count / 2;
        await Task.WhenAll(Enumerable.Range(0, crowd.Count / 4).SelectMany(four => new[] { SwitchAsync(4 * four), PartAsync((4 * four) + 1, (4 * four) + 2) }));
        return times;

        async Task SwitchAsync(int user)
        {
            var client = walkers.Clients[user];
            client.SharingChanged += (_, changed) =>
            {
                if (changed.Sharing)
                {
                    _ = client.SendAsync(crowd.At(user, 0, client.Now)).AsTask();
                }
            };
            for (var i = 0; i < changes / units; i++)
            {
                isHidden[user] = !isHidden[user];
                await MeasureAsync(
                    () => Call(user).ChangeMeAsync(new(Sharing: !isHidden[user])),
                    () => crowd.FriendsOf(user).All(friend => isHidden[friend] || Shows(friend, user) != isHidden[user]));
            }
        }

        async Task PartAsync(int one, int other)
        {
            for (var i = 0; i < changes / units; i++)
            {
                var befriend = i % 2 == 1;
                await MeasureAsync(() => befriend ? BefriendAsync(one, other) : Call(one).RemoveFriendAsync(Crowd.IdOf(other)),
                    () => Shows(one, other) == befriend && Shows(other, one) == befriend);
            }
        }

        async Task BefriendAsync(int one, int other) =>
            await Call(other).AcceptAsync((await Call(one).RequestFriendAsync(Crowd.IdOf(other))).Id);

        async Task MeasureAsync(Func<Task> change, Func<bool> isShown)
        {
            await change();
            var begun = Stopwatch.GetTimestamp();
            while (!isShown() && Stopwatch.GetElapsedTime(begun) < Patience)
            {
                await Task.Delay(Look);
            }

            times.Add(Stopwatch.GetElapsedTime(begun));
        }

        bool Shows(int watcher, int friend) => walkers.Clients[watcher].List.Find(Crowd.IdOf(friend)) is not null;

        NearbyApi Call(int user) => new(http, _ => ValueTask.FromResult(crowd.TokenOf(user)));
    }

    /// <summary>Rows that the transaction wrote which switched the user's sharing.</summary>
    private static async Task<long> RowsAsync(Crowd crowd, JournalFleet fleet)
    {
        await using var database = NpgsqlDataSource.Create(fleet.Users);
        await using var befriend = database.Command(
            """
            with friends as (
                insert into users (id, user_name, display_name, sharing, friend_count, created_at)
                select 1000000 + n, 'many' || n, 'Friend', true, 1, now() from generate_series(1, $2) n returning id)
            insert into friendships (user_id, friend_id, since)
            select $1, id, now() from friends union all select id, $1, now() from friends
            """,
            Crowd.IdOf(0), FriendsOfMany);
        await befriend.ExecuteNonQueryAsync();
        using var http = new HttpClient { BaseAddress = fleet.Api };
        var api = new NearbyApi(http, _ => ValueTask.FromResult(crowd.TokenOf(0)));
        await api.ChangeMeAsync(new(Sharing: !(await api.MeAsync()).Sharing));
        await using var rows = database.Command(
            """
            select (select count(*) from users where xmin = last.xmin) + (select count(*) from changes where xmin = last.xmin)
                 + (select count(*) from friendships where xmin = last.xmin)
            from (select xmin from users where id = $1) last
            """,
            Crowd.IdOf(0));
        return (long)(await rows.ExecuteScalarAsync())!;
    }
}
