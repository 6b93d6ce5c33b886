using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace NearbyFriends.Fanout.Discovery;

/// <summary>A key of etcd as it was read.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Value">Text, UTF-8 in etcd.</param>
/// <param name="CreateRevision">The revision of the store at which the key was created.</param>
/// <param name="ModRevision">The revision of its last change: what a compare-and-swap compares.</param>
public sealed record EtcdEntry(string Key, string Value, long CreateRevision, long ModRevision);

/// <summary>Keys read at one revision of the store.</summary>
public sealed record EtcdRange(IReadOnlyList<EtcdEntry> Entries, long Revision);

/// <summary>A change that a watch reports.</summary>
/// <param name="Entry">The key as it is now; for a deleted key, only its name.</param>
/// <param name="IsDelete">Whether the key is gone.</param>
public sealed record EtcdEvent(EtcdEntry Entry, bool IsDelete);

/// <summary>
/// The JSON of etcd's gateway: keys and values are base64, 64-bit numbers are strings, and zero values are omitted.
/// Source: etcd documentation, "gRPC gateway", and rpc.proto.
/// </summary>
internal static class EtcdMessages
{
    public static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowReadingFromString | JsonNumberHandling.WriteAsString,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>The end of the range of all keys that begin with <paramref name="prefix"/>: its successor in byte order.</summary>
    public static byte[] EndOf(string prefix)
    {
        var end = Bytes(prefix);
        end[^1]++; // UTF-8 has no byte 0xFF, so there is no carry
        return end;
    }

    internal sealed record Header(long Revision);

    internal sealed record KeyValue(byte[] Key, byte[]? Value, long CreateRevision, long ModRevision)
    {
        public EtcdEntry ToEntry() => new(Encoding.UTF8.GetString(Key), Encoding.UTF8.GetString(Value ?? []), CreateRevision, ModRevision);
    }

    internal sealed record RangeRequest(byte[] Key, byte[]? RangeEnd);

    internal sealed record RangeResponse(Header Header, KeyValue[]? Kvs);

    internal sealed record PutRequest(byte[] Key, byte[] Value, long Lease);

    internal sealed record DeleteRequest(byte[] Key);

    internal sealed record Compare(byte[] Key, string Target, long? ModRevision, long? CreateRevision, string Result = "EQUAL");

    internal sealed record Operation(PutRequest? RequestPut, DeleteRequest? RequestDeleteRange);

    internal sealed record TxnRequest(Compare[] Compare, Operation[] Success);

    internal sealed record TxnResponse(Header Header, bool Succeeded);

    internal sealed record GrantRequest([property: JsonPropertyName("TTL")] long Ttl);

    internal sealed record LeaseRequest([property: JsonPropertyName("ID")] long Id);

    internal sealed record LeaseResponse([property: JsonPropertyName("ID")] long Id, [property: JsonPropertyName("TTL")] long Ttl);

    internal sealed record WatchCreate(byte[] Key, byte[] RangeEnd, long StartRevision);

    internal sealed record WatchRequest(WatchCreate CreateRequest);

    internal sealed record WatchEvent(string? Type, KeyValue Kv)
    {
        public EtcdEvent ToEvent() => new(Kv.ToEntry(), Type == "DELETE");
    }

    internal sealed record WatchResponse(Header? Header, bool Canceled, long CompactRevision, string? CancelReason, WatchEvent[]? Events);

    internal sealed record Streamed<T>(T? Result, JsonElement? Error);
}
