using System.Globalization;
using Spectre.Console;

namespace NearbyFriends.CapacityPlan;

/// <summary>A plan for people to read.</summary>
internal static class PlanPage
{
    public static void Print(IAnsiConsole console, Demand demand, UnitCosts costs, FleetPlan plan)
    {
        console.WriteLine(
            $"{demand.Connected:N0} users connected of {demand.Registered:N0}, {demand.Friends} friends each of whom {demand.Active:P0} are connected and "
            + $"nearby, an update every {demand.Interval.TotalSeconds:0.#} s; frames after {demand.Window.TotalMilliseconds:0} ms, {demand.Partitions} partitions, "
            + $"a message to a client every {demand.Flush.TotalSeconds:0.#} s at most; machines at {demand.Utilisation:P0} of what they can.");
        PrintTraffic(console, plan.Traffic);
        PrintMachines(console, plan);
        PrintCells(console, FleetPlan.Choices(demand, costs), plan);
        PrintClassic(console, plan);
        PrintActors(console, plan);
    }

    public static void PrintCosts(IAnsiConsole console, UnitCosts costs)
    {
        var table = NewTable("Unit costs", "of", "cost", "source");
        foreach (var property in typeof(UnitCosts).GetProperties().Where(property => property.PropertyType == typeof(UnitCost)))
        {
            var cost = (UnitCost)property.GetValue(costs)!;
            table.AddRow(property.Name, cost.Value.ToString("0.###", CultureInfo.InvariantCulture), Markup.Escape(cost.Source));
        }

        console.Write(table);
    }

    public static void PrintChapter(IAnsiConsole console, UnitCosts costs)
    {
        var table = NewTable("The textbook's figures, recalculated", "figure", "arithmetic", "", "remark");
        foreach (var figure in ChapterFigure.All(costs))
        {
            table.AddRow(Markup.Escape(figure.Said), Markup.Escape(figure.Computed), figure.Holds ? "computes" : "[red]does not[/]", Markup.Escape(figure.Remark));
        }

        console.Write(table);
    }

    /// <summary>What was counted in one cell, beside what the arithmetic expects of it.</summary>
    public static void PrintSimulation(IAnsiConsole console, Demand demand, FleetScenario scenario, MessageCounts counts)
    {
        var seconds = scenario.Duration.TotalSeconds;
        var expected = Traffic.Of(
            demand with { Connected = scenario.Users, Active = scenario.ActiveFriends / (double)demand.Friends }, scenario.Gateways, cells: 1);
        var table = NewTable(
            $"One cell, simulated: {scenario.Users:N0} users, {scenario.Gateways} gateways, {seconds:0.#} s", "per second", "simulated", "arithmetic", "");
        foreach (var (what, simulated, computed) in new[]
        {
            ("updates", counts.Updates / seconds, expected.Updates),
            ("frames", counts.Frames / seconds, expected.Frames),
            ("frames to gateways", counts.FrameDeliveries / seconds, expected.FrameDeliveries),
            ("friend updates", counts.FriendUpdates / seconds, expected.FriendUpdates),
            ("messages to clients", counts.Messages / seconds, expected.Messages),
            ("friends in messages", counts.MessageEntries / seconds, expected.MessageEntries),
        })
        {
            table.AddRow(what, $"{simulated:N0}", $"{computed:N0}", $"{(simulated / computed) - 1:+0.0%;-0.0%;0.0%}");
        }

        console.Write(table);
    }

    private static void PrintTraffic(IAnsiConsole console, Traffic traffic)
    {
        var table = NewTable("Messages", "per second", "", "");
        table.AddRow("updates from clients", $"{traffic.Updates:N0}", "");
        table.AddRow("frames published", $"{traffic.Frames:N0}", $"{traffic.EntriesPerFrame:0.0} entries each (16 or more pay)");
        table.AddRow("frames pushed to gateways", $"{traffic.FrameDeliveries:N0}", $"{traffic.EntryDeliveries:N0} entries");
        table.AddRow("friend updates to watchers", $"{traffic.FriendUpdates:N0}", "");
        table.AddRow("messages to clients", $"{traffic.Messages:N0}", $"{traffic.MessageEntries / traffic.Messages:0.0} friends each");
        console.Write(table);
    }

    private static void PrintMachines(IAnsiConsole console, FleetPlan plan)
    {
        var table = NewTable("Fleet", "machines", "how many", "busy cores", "GB", "Gbit/s", "why");
        foreach (var machines in plan.Machines)
        {
            table.AddRow(
                machines.What, $"{machines.Count:N0}", Shown(machines.Cores), Shown(machines.Gigabytes), Shown(machines.GigabitsPerSecond),
                Markup.Escape(machines.Why));
        }

        console.Write(table);
    }

    private static void PrintCells(IAnsiConsole console, IReadOnlyList<FleetPlan> choices, FleetPlan chosen)
    {
        var table = NewTable("Regional cells: what fan-out costs", "cells", "gateways each", "entries a frame", "frames to gateways/s", "busy cores");
        foreach (var plan in choices)
        {
            var mark = plan.Cells == chosen.Cells ? " <-" : "";
            table.AddRow(
                $"{plan.Cells}{mark}", $"{plan.Gateways / plan.Cells:0.#}", $"{plan.Traffic.EntriesPerFrame:0.0}", $"{plan.Traffic.FrameDeliveries:N0}",
                $"{plan.FanoutCores:0.0}");
        }

        console.Write(table);
    }

    private static void PrintClassic(IAnsiConsole console, FleetPlan plan)
    {
        var table = NewTable("The classic design, a channel for each user, on the same gateways", "", "");
        table.AddRow("pushes to gateways per second", $"{plan.ClassicDeliveries:N0}");
        table.AddRow("pub/sub servers, by CPU", $"{plan.ClassicServers:N0} (the textbook: 140)");
        table.AddRow("gateway cores for pushes", $"{plan.ClassicGatewayCores:N0}");
        table.AddRow("memory of subscriptions", $"{plan.ClassicGigabytes:N0} GB");
        console.Write(table);
    }

    private static void PrintActors(IAnsiConsole console, FleetPlan plan)
    {
        var table = NewTable("The same with an actor for each user (Fanout:Transport=Actors, PerUser)", "", "");
        table.AddRow("cores for updates", $"{plan.ActorCores:N0}");
        table.AddRow("cores for connects", $"{plan.ActorConnectCores:N0}");
        table.AddRow("memory of actors", $"{plan.ActorGigabytes:N0} GB");
        console.Write(table);
    }

    private static Table NewTable(string title, params ReadOnlySpan<string> columns)
    {
        var table = new Table().Title(title);
        foreach (var column in columns)
        {
            table.AddColumn(column);
        }

        return table;
    }

    private static string Shown(double value) => value switch
    {
        0 => "",
        < 10 => value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.ToString("N0", CultureInfo.InvariantCulture),
    };
}
