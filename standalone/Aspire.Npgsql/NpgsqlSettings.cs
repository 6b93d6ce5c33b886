namespace Aspire.Npgsql;

/// <summary>Configuration section <c>Aspire:Npgsql</c>, or <c>Aspire:Npgsql:{name}</c> for one data source.</summary>
public class NpgsqlSettings
{
    public string? ConnectionString { get; set; }

    public bool DisableHealthChecks { get; set; }

    public bool DisableTracing { get; set; }

    public bool DisableMetrics { get; set; }
}
