using System.Collections.Concurrent;
using System.Diagnostics;

namespace Aspire.Hosting.Standalone;

/// <summary>
/// Starts processes, all from one thread that never ends: the kernel's "signal me when my parent dies" means the parent's
/// thread, and a thread of the pool may end at any time.
/// </summary>
sealed class Launcher(Ledger ledger)
{
    static readonly BlockingCollection<Action> Work = StartThread();

    public Task<ChildProcess> Start(string name, ProcessPlan plan)
    {
        var started = new TaskCompletionSource<ChildProcess>(TaskCreationOptions.RunContinuationsAsynchronously);
        Work.Add(() =>
        {
            try
            {
                var process = Process.Start(Machine.Wrap(plan))!;
                ledger.Add(process.Id, name);
                started.SetResult(new ChildProcess(name, plan, process));
            }
            catch (Exception failure)
            {
                started.SetException(new DistributedApplicationException($"{plan.Program} cannot be started: {failure.Message}", failure));
            }
        });
        return started.Task;
    }

    static BlockingCollection<Action> StartThread()
    {
        var work = new BlockingCollection<Action>();
        new Thread(() =>
        {
            foreach (var start in work.GetConsumingEnumerable())
            {
                start();
            }
        })
        { IsBackground = true, Name = "launcher" }.Start();
        return work;
    }
}
