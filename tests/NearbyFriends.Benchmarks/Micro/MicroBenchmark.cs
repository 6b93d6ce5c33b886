using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace NearbyFriends.Benchmarks.Micro;

/// <summary><c>./nearby bench micro</c>: nanoseconds and bytes of the small steps, by BenchmarkDotNet.</summary>
internal static class MicroBenchmark
{
    public static void Run(Report report, bool quick)
    {
        // In this process: another would be built for it, in a mode that it does not know.
        var job = (quick ? Job.ShortRun : Job.MediumRun).WithToolchain(InProcessEmitToolchain.Instance);
        var config = DefaultConfig.Instance.AddJob(job).WithArtifactsPath(Path.Combine(".nearby", "bench", "micro"));
        foreach (var step in BenchmarkRunner.Run<FanoutSteps>(config).Reports.Where(step => step.Success))
        {
            var descriptor = step.BenchmarkCase.Descriptor;
            var allocated = step.GcStats.GetBytesAllocatedPerOperation(step.BenchmarkCase) ?? 0;
            report.Add(
                descriptor.WorkloadMethod.Name, step.ResultStatistics!.Median, "ns", "report", null,
                $"{descriptor.WorkloadMethodDisplayInfo.Trim('\'')}; {allocated} B allocated");
        }

        report.Write();
    }
}
