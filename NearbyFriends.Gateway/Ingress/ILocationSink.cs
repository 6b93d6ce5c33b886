using System.Diagnostics;
using NearbyFriends.Core.Geo;

namespace NearbyFriends.Gateway.Ingress;

/// <summary>One of the ways that locations take after the location cache: to this gateway's watchers, into frames, to the history.</summary>
public interface ILocationSink
{
    /// <summary>Takes what the cache took of one batch, in order of arrival. For one caller; must not wait.</summary>
    void Take(ReadOnlySpan<TakenUpdate> updates);
}

/// <summary>A location that the cache did not refuse as hidden.</summary>
/// <param name="Update">The location.</param>
/// <param name="IsCurrent">Whether it is its user's current location now; else it is history only.</param>
/// <param name="Trace">The trace of its receipt; default when it is not sampled.</param>
public readonly record struct TakenUpdate(LocationUpdate Update, bool IsCurrent, ActivityContext Trace);
