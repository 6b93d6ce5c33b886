namespace NearbyFriends.Api.OpenApi;

/// <summary>What the document shows of one operation.</summary>
public sealed record OperationExample
{
    /// <summary>Values of parameters in the path and the query, by name.</summary>
    public IDictionary<string, string> Parameters { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The body that is sent; null where there is none.</summary>
    public object? Request { get; init; }

    /// <summary>The bodies that are answered, by status. Only of answers that have one, and are no problem.</summary>
    public IDictionary<int, object> Answers { get; } = new Dictionary<int, object>();
}
