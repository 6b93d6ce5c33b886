namespace Aspire.StackExchange.Redis;

/// <summary>Configuration section <c>Aspire:StackExchange:Redis</c>, or <c>Aspire:StackExchange:Redis:{name}</c> for one server.</summary>
public sealed class StackExchangeRedisSettings
{
    public string? ConnectionString { get; set; }

    public bool DisableHealthChecks { get; set; }

    /// <summary>Without effect: the instrumentation of commands is a package that is not here.</summary>
    public bool DisableTracing { get; set; }
}
