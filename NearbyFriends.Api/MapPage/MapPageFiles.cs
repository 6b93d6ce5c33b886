using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace NearbyFriends.Api.MapPage;

/// <summary>Serves the map page (web/) at <c>/</c> and the operator's page at <c>/ops</c>.</summary>
public static class MapPageFiles
{
    private static readonly Dictionary<string, string> Pages = new(StringComparer.Ordinal) { ["/"] = "/index.html", ["/ops"] = "/ops.html" };

    public static IServiceCollection AddMapPage(this IServiceCollection services)
    {
        services.AddOptions<MapPageOptions>().BindConfiguration(MapPageOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<MapPageOptions>, ValidateMapPageOptions>();
        // Files that everyone may read hold no secret that compression could betray.
        services.AddResponseCompression(compression => compression.EnableForHttps = true);
        return services;
    }

    /// <summary>Serves the page; false when it is switched off or was not built.</summary>
    public static bool UseMapPage(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<MapPageOptions>>().Value;
        var root = Path.GetFullPath(options.Root ?? "web", AppContext.BaseDirectory);
        if (!(options.Enabled ?? app.Environment.IsDevelopment()) || !File.Exists(Path.Combine(root, "index.html")))
        {
            return false;
        }

        var files = new PhysicalFileProvider(root);
        var compressed = new CompressedFiles(files);
        var settings = PageSettings.From(app.Services);
        var policy = PageHeaders.ContentSecurityPolicy(options, settings.SignIn);
        app.UseWhen(context => IsOfPage(context.Request, files), page => page
            .UseResponseCompression()
            .Use((context, next) =>
            {
                PageHeaders.Secure(context.Response.Headers, policy);
                context.Request.Path = Pages.GetValueOrDefault(context.Request.Path.Value!, context.Request.Path.Value!);
                context.Request.Path = compressed.Choose(context.Request);
                return next(context);
            })
            .UseStaticFiles(new StaticFileOptions
            {
                FileProvider = files,
                ContentTypeProvider = compressed,
                OnPrepareResponse = file =>
                {
                    file.Context.Response.Headers.CacheControl = PageHeaders.CacheControl(file.Context.Request.Path);
                    CompressedFiles.Describe(file.Context);
                },
            }));

        app.MapGet("/config.json", (HttpResponse response) =>
        {
            response.Headers[HeaderNames.CacheControl] = "no-store";
            return TypedResults.Ok(settings);
        }).ExcludeFromDescription();
        return true;
    }

    private static bool IsOfPage(HttpRequest request, PhysicalFileProvider files) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        && (Pages.ContainsKey(request.Path.Value!) || files.GetFileInfo(request.Path.Value!).Exists);
}
