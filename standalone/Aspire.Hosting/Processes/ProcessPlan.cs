using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Standalone;

/// <summary>What to start: a program of this machine, its arguments and environment, and how it is asked to end.</summary>
sealed record ProcessPlan(string Program, IReadOnlyList<string> Arguments)
{
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public string? WorkingDirectory { get; init; }

    /// <summary>Written to its standard input, which is then closed.</summary>
    public string Input { get; init; } = "";

    /// <summary>Run as this user of the machine; null is whoever runs the AppHost.</summary>
    public string? User { get; init; }

    /// <summary>Asks it to end in order.</summary>
    public Signal StopWith { get; init; } = Signal.Terminate;

    /// <summary>What the kernel sends it if the AppHost dies without having stopped it.</summary>
    public Signal IfOrphaned { get; init; } = Signal.Kill;
}

enum Signal
{
    Interrupt = 2,
    Kill = 9,
    Terminate = 15,
}

/// <summary>How a resource that is no project runs on this machine. Called once its endpoints have ports.</summary>
sealed record NativeServer(Func<ServerSetup, Task<ProcessPlan>> Plan) : IResourceAnnotation;

/// <summary>What a server's plan is made from.</summary>
/// <param name="Resource">The resource that asks.</param>
/// <param name="Port">Where it must listen, on loopback.</param>
/// <param name="Arguments">What the model adds to its command line.</param>
/// <param name="DataFolder">Where it keeps its data, or what serves as that until the run ends.</param>
/// <param name="Keeps">Whether the data is there in the next run.</param>
/// <param name="Cancel">Stops the preparation.</param>
sealed record ServerSetup(IResource Resource, int Port, IReadOnlyList<string> Arguments, string DataFolder, bool Keeps, CancellationToken Cancel);
