using NearbyFriends.People;

namespace NearbyFriends.UnitTests.Sessions;

/// <summary>Knows nobody, but for what a test overrides.</summary>
internal class NoFriendSource : IFriendSource
{
    public virtual Task<UserFriends?> LoadAsync(long userId, CancellationToken cancellationToken) => Task.FromResult<UserFriends?>(null);

    public Task<long[]> LoadBlocksAsync(long userId, CancellationToken cancellationToken) => Task.FromResult<long[]>([]);

    public Task<long?> FindBySubjectAsync(string subject, CancellationToken cancellationToken) => Task.FromResult<long?>(null);

    public Task<long?> FindByDeviceAsync(string userName, string password, CancellationToken cancellationToken) => Task.FromResult<long?>(null);

    public virtual Task<IReadOnlyDictionary<long, string>> DisplayNamesAsync(IReadOnlyCollection<long> userIds, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<long, string>>(new Dictionary<long, string>());

    public Task<UserSharing?> FindSharingAsync(long userId, CancellationToken cancellationToken) => Task.FromResult<UserSharing?>(null);

    public Task<JournalTail> ReadChangesAsync(string? cursor, TimeSpan last, CancellationToken cancellationToken) =>
        Task.FromResult(new JournalTail([], null));
}
