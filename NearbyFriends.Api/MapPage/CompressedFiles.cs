using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;
using Microsoft.Net.Http.Headers;

namespace NearbyFriends.Api.MapPage;

/// <summary>
/// The files that the build of web/ has compressed once, as well as can be: <c>NAME.br</c> beside NAME. Others are compressed for each
/// request, by a faster and worse setting.
/// </summary>
internal sealed class CompressedFiles(IFileProvider files) : IContentTypeProvider
{
    private const string Encoding = "br";
    private const string Suffix = "." + Encoding;

    private readonly FileExtensionContentTypeProvider _types = new() { Mappings = { [".mjs"] = "text/javascript" } };

    /// <summary>The path of the file to send for this request: the compressed one where there is one and the browser can unpack it.</summary>
    public string Choose(HttpRequest request)
    {
        var path = request.Path.Value!;
        return CanUnpack(request) && files.GetFileInfo(path + Suffix).Exists ? path + Suffix : path;
    }

    /// <summary>Says how the file is compressed, if it is.</summary>
    public static void Describe(HttpContext context)
    {
        if (IsCompressed(context.Request.Path.Value!))
        {
            context.Response.Headers.ContentEncoding = Encoding;
            context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
        }
    }

    /// <summary>A compressed file has the type of what is in it.</summary>
    public bool TryGetContentType(string subpath, out string contentType) =>
        _types.TryGetContentType(IsCompressed(subpath) ? subpath[..^Suffix.Length] : subpath, out contentType!);

    private static bool CanUnpack(HttpRequest request) =>
        request.GetTypedHeaders().AcceptEncoding.Any(encoding => encoding.Value == Encoding && encoding.Quality is not 0);

    private static bool IsCompressed(string path) => path.EndsWith(Suffix, StringComparison.Ordinal);
}
