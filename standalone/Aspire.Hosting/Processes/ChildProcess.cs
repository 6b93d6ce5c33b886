using System.Diagnostics;

namespace Aspire.Hosting.Standalone;

/// <summary>A process that the AppHost started: its lines go to the console, and it is stopped by asking, then by force.</summary>
sealed class ChildProcess
{
    /// <summary>How long a process may take to end in order.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    readonly ProcessPlan plan;
    readonly Process process;

    public ChildProcess(string name, ProcessPlan plan, Process process)
    {
        (this.plan, this.process) = (plan, process);
        var lines = ConsoleLines.Of(name);
        process.OutputDataReceived += (_, line) => lines.Write(line.Data);
        process.ErrorDataReceived += (_, line) => lines.Write(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.StandardInput.Write(plan.Input);
        process.StandardInput.Close();
    }

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    /// <summary>Its exit code, once it and its output have ended.</summary>
    public async Task<int> Exit(CancellationToken cancel)
    {
        await process.WaitForExitAsync(cancel);
        return process.ExitCode;
    }

    public async Task Stop()
    {
        if (process.HasExited) return;

        Machine.Send(process.Id, plan.StopWith);
        using var deadline = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            // It leads a group of its own; whatever it started goes with it.
            Machine.Send(-process.Id, Signal.Kill);
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }
}
