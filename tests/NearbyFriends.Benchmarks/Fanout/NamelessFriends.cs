using NearbyFriends.People;


namespace NearbyFriends.Benchmarks.Fanout;

/// <summary>A friend source whose users are all called the same.</summary>
internal sealed class NamelessFriends : IFriendSource
{
    public Task<UserFriends?> LoadAsync(long userId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<long[]> LoadBlocksAsync(long userId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<long?> FindBySubjectAsync(string subject, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<long?> FindByDeviceAsync(string userName, string password, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyDictionary<long, string>> DisplayNamesAsync(IReadOnlyCollection<long> userIds, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<long, string>>(userIds.ToDictionary(id => id, _ => "Friend"));

    public Task<UserSharing?> FindSharingAsync(long userId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<JournalTail> ReadChangesAsync(string? cursor, TimeSpan last, CancellationToken cancellationToken) => throw new NotSupportedException();
}
