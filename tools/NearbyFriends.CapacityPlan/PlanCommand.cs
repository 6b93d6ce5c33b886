using System.CommandLine;
using NearbyFriends.Tools;

namespace NearbyFriends.CapacityPlan;

/// <summary>The fleet that a number of users takes, by arithmetic and by simulation.</summary>
internal static class PlanCommand
{
    public static RootCommand Create()
    {
        var defaults = new Demand();
        var users = Number("--users", "Users connected at once.", defaults.Connected);
        var registered = Number("--registered", "Users with an account.", defaults.Registered);
        var friends = Number("--friends", "Friends each.", defaults.Friends);
        var active = Share("--active", "Share of friends who are connected and nearby, 0 to 1.", defaults.Active);
        var interval = Time("--interval", "Between two updates of a user, such as 30s.", defaults.Interval);
        var gateways = new Option<int?>("--gateways") { Description = $"Gateways. Default: one for every {defaults.ConnectionsPerGateway:N0} users." };
        var cells = new Option<int?>("--cells") { Description = "Regional cells. Default: as many as cost least." };
        var partitions = Number("--partitions", "Channels that users share.", defaults.Partitions);
        var window = Time("--window", "How long an update waits for others in its frame.", defaults.Window);
        var flush = Time("--flush", "Least time between two messages to a client.", defaults.Flush);
        var days = Number("--history-days", "Days for which locations are kept.", defaults.HistoryDays);
        var utilisation = Share("--utilisation", "Share of a machine that may be busy, 0 to 1.", defaults.Utilisation);
        var bench = new Option<DirectoryInfo>("--bench")
        {
            Description = "Folder of measured figures, which take the place of the built-in ones.",
            DefaultValueFactory = _ => new DirectoryInfo(Path.Combine(".nearby", "bench")),
        };
        var showCosts = new Option<bool>("--costs") { Description = "Show the unit costs and where they come from." };
        var chapter = new Option<bool>("--chapter") { Description = "Check the textbook's figures." };
        var simulate = new Option<bool>("--simulate") { Description = "Move every user of one cell and count the messages." };
        var simulated = Time("--simulated", "How much time to simulate.", TimeSpan.FromSeconds(4));
        foreach (var positive in new[] { gateways, cells })
        {
            positive.Validators.Add(result => Require(result, result.GetValueOrDefault<int?>() is null or > 0, "must be 1 or more"));
        }

        var command = new RootCommand("The fleet that so many users take: gateways, pub/sub servers, cache, databases.")
        {
            users, registered, friends, active, interval, gateways, cells, partitions, window, flush, days, utilisation, bench, showCosts, chapter,
            simulate, simulated,
        };
        command.SetAction((parsed, cancellationToken) => Failures.ReportAsync(() =>
        {
            var demand = new Demand
            {
                Connected = parsed.GetValue(users),
                Registered = parsed.GetValue(registered),
                Friends = (int)parsed.GetValue(friends),
                Active = parsed.GetValue(active),
                Interval = parsed.GetValue(interval),
                Gateways = parsed.GetValue(gateways),
                Cells = parsed.GetValue(cells),
                Partitions = (int)parsed.GetValue(partitions),
                Window = parsed.GetValue(window),
                Flush = parsed.GetValue(flush),
                HistoryDays = (int)parsed.GetValue(days),
                Utilisation = parsed.GetValue(utilisation),
            };
            var console = Terminal.Create();
            var costs = UnitCosts.Measured(parsed.GetValue(bench)!.FullName);
            var plan = FleetPlan.Of(demand, costs);
            PlanPage.Print(console, demand, costs, plan);
            if (parsed.GetValue(showCosts))
            {
                PlanPage.PrintCosts(console, costs);
            }

            if (parsed.GetValue(chapter))
            {
                PlanPage.PrintChapter(console, costs);
            }

            if (parsed.GetValue(simulate))
            {
                var scenario = plan.CellScenario(parsed.GetValue(simulated));
                PlanPage.PrintSimulation(console, demand, scenario, FleetSimulation.Run(scenario, cancellationToken));
            }

            return Task.FromResult(0);
        }));
        return command;
    }

    private static Option<long> Number(string name, string description, long value)
    {
        var option = new Option<long>(name) { Description = description, DefaultValueFactory = _ => value };
        option.Validators.Add(result => Require(result, result.GetValueOrDefault<long>() is > 0 and <= 100_000_000_000, "must lie between 1 and 100 billion"));
        return option;
    }

    private static Option<double> Share(string name, string description, double value)
    {
        var option = new Option<double>(name) { Description = description, DefaultValueFactory = _ => value };
        option.Validators.Add(result => Require(result, result.GetValueOrDefault<double>() is > 0 and <= 1, "must be more than 0 and at most 1"));
        return option;
    }

    private static Option<TimeSpan> Time(string name, string description, TimeSpan value)
    {
        var option = DurationOption.Create(name, description, value);
        option.Validators.Add(result => Require(
            result, result.GetValueOrDefault<TimeSpan>() >= TimeSpan.FromMilliseconds(1), "must be 1ms or more"));
        return option;
    }

    private static void Require(System.CommandLine.Parsing.OptionResult result, bool holds, string problem)
    {
        if (!holds && result.Errors.All(error => error.SymbolResult != result))
        {
            result.AddError($"{result.Option.Name} {problem}.");
        }
    }
}
