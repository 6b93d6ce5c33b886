using System.Security.Cryptography;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Standalone;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.ApplicationModel
{
    public abstract class ParameterDefault
    {
        public abstract string GetDefaultValue();
    }

    /// <summary>A random value of letters and digits and, unless told otherwise, of signs.</summary>
    public sealed class GenerateParameterDefault : ParameterDefault
    {
        // Readable, and safe in URLs, connection strings and shells.
        const string Letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ";
        const string Digits = "23456789";
        const string Signs = "-_.~";

        public int MinLength { get; set; }

        public bool Numeric { get; set; } = true;

        public bool Special { get; set; } = true;

        public override string GetDefaultValue() =>
            RandomNumberGenerator.GetString(Letters + (Numeric ? Digits : "") + (Special ? Signs : ""), Math.Max(MinLength, 22));
    }

    public class ParameterResource(string name, Func<ParameterDefault?, string> callback, bool secret = false) : Resource(name), IValueProvider
    {
        readonly Lazy<string> value = new(() => callback(null));

        public bool Secret => secret;

        public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken) => await ValueTask.FromResult(value.Value);
    }
}

namespace Aspire.Hosting
{
    public static class ParameterResourceBuilderExtensions
    {
        /// <summary>A parameter read from <c>Parameters:NAME</c>, else generated; kept between runs if <paramref name="persist"/>.</summary>
        public static IResourceBuilder<ParameterResource> AddParameter(
            this IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool secret = false, bool persist = false) =>
            builder.AddResource(new ParameterResource(name, _ => ValueOf(builder, name, value, persist), secret));

        /// <summary>A connection string that configuration has, <c>ConnectionStrings:NAME</c>.</summary>
        public static IResourceBuilder<IResourceWithConnectionString> AddConnectionString(
            this IDistributedApplicationBuilder builder, string name, string? environmentVariableName = null) =>
            builder.AddConnectionString(name, text => text.AppendLiteral(
                builder.Configuration.GetConnectionString(name) ?? throw new DistributedApplicationException($"ConnectionStrings:{name} is not set.")));

        /// <summary>The password of a server that was given none; kept between runs.</summary>
        public static ParameterResource CreateDefaultPasswordParameter(
            IDistributedApplicationBuilder builder, string name, bool lower = true, bool upper = true, bool numeric = true, bool special = true,
            int minLower = 0, int minUpper = 0, int minNumeric = 0, int minSpecial = 0) =>
            builder.AddParameter(name, new GenerateParameterDefault { Special = special }, secret: true, persist: true).Resource;

        static string ValueOf(IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool persist) =>
            builder.Configuration[$"Parameters:{name}"]
            ?? (persist ? new KeptParameters(StateFolder.Of(builder).Parameters).GetOrAdd(name, value.GetDefaultValue) : value.GetDefaultValue());
    }
}
