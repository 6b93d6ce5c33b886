using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.ApplicationModel
{
    /// <summary>A text of which parts are known only once the system runs.</summary>
    public class ReferenceExpression : IValueProvider
    {
        readonly IReadOnlyList<object> parts;

        internal ReferenceExpression(IReadOnlyList<object> parts) => this.parts = parts;

        public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken)
        {
            var texts = new List<string?>();
            foreach (var part in parts)
            {
                texts.Add(part is IValueProvider provider ? await provider.GetValueAsync(cancellationToken) : (string)part);
            }

            return string.Concat(texts);
        }
    }

    public class ReferenceExpressionBuilder
    {
        readonly List<object> parts = [];

        public void AppendLiteral(string value) => parts.Add(value);

        public void AppendFormatted<T>(T valueProvider) where T : IValueProvider => parts.Add(valueProvider);

        public ReferenceExpression Build() => new([.. parts]);
    }
}

namespace Aspire.Hosting
{
    /// <summary>A connection string that is put together from parts.</summary>
    public sealed class ConnectionStringResource(string name, ReferenceExpression connectionStringExpression)
        : Resource(name), IResourceWithConnectionString
    {
        public ReferenceExpression ConnectionStringExpression => connectionStringExpression;

        ValueTask<string?> IResourceWithConnectionString.GetConnectionStringAsync(CancellationToken cancellationToken) =>
            connectionStringExpression.GetValueAsync(cancellationToken);
    }

    public static class ConnectionStringBuilderExtensions
    {
        public static IResourceBuilder<ConnectionStringResource> AddConnectionString(
            this IDistributedApplicationBuilder builder, string name, Action<ReferenceExpressionBuilder> connectionStringBuilder)
        {
            var text = new ReferenceExpressionBuilder();
            connectionStringBuilder(text);
            return builder.AddResource(new ConnectionStringResource(name, text.Build()));
        }
    }
}
