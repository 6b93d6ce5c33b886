using System.Diagnostics;
using OpenTelemetry;

namespace NearbyFriends.ServiceDefaults.Telemetry;

/// <summary>
/// Takes the ids out of the paths that traces of requests have, <c>/v1/friends/*</c>, and the queries. Of a call to another service
/// only that service is left.
/// </summary>
internal sealed class PathsWithoutIds : BaseProcessor<Activity>
{
    private const string Path = "url.path";
    private const string Query = "url.query";
    private const string Url = "url.full";
    private const int LongestName = 20;

    public override void OnEnd(Activity data)
    {
        if (data.GetTagItem(Path) is string path)
        {
            data.SetTag(Path, string.Join('/', path.Split('/').Select(segment => IsId(segment) ? "*" : segment)));
        }

        data.SetTag(Query, null); // it may hold a ticket

        if (data.GetTagItem(Url) is string url)
        {
            data.SetTag(Url, Uri.TryCreate(url, UriKind.Absolute, out var address) ? address.GetLeftPart(UriPartial.Authority) : null);
        }
    }

    // Names of ours have no digits but that of the version, and are short.
    private static bool IsId(string segment) =>
        segment.Length > LongestName || (segment is not "v1" && segment.Any(char.IsAsciiDigit));
}
