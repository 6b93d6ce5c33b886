using Xunit;

namespace NearbyFriends.AppHostTests;

/// <summary>What goes wrong with a server that is installed on this machine, said in a sentence.</summary>
public sealed class ServerScriptTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"nearbyfriends-test-{Guid.NewGuid():N}"));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Data_of_another_major_version_of_Postgres_is_refused_and_kept()
    {
        var version = Path.Combine(_folder.FullName, "PG_VERSION");
        await File.WriteAllTextAsync(version, "9\n", Cancel);

        var (code, errors) = await ServerScript.RunAsync("postgres", _folder.FullName, Cancel);

        Assert.Equal(1, code);
        Assert.Contains($"The data in {_folder.FullName} is of PostgreSQL 9", errors, StringComparison.Ordinal);
        Assert.Contains("install postgresql-9, or move the folder away", errors, StringComparison.Ordinal);
        Assert.True(File.Exists(version));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_named()
    {
        var file = Path.Combine(_folder.FullName, "file");
        await File.WriteAllTextAsync(file, "", Cancel);

        var (code, errors) = await ServerScript.RunAsync("redis", Path.Combine(file, "data"), Cancel);

        Assert.NotEqual(0, code);
        Assert.Contains(file, errors, StringComparison.Ordinal);
    }
}
