using Microsoft.Extensions.Options;

namespace NearbyFriends.Api.Notices;

/// <summary>Configuration section <c>Alerts</c>: how alerts and friend requests reach users who have no session open.</summary>
public sealed record NoticeOptions
{
    public const string Section = "Alerts";

    /// <summary>The shortest secret of the webhook, in characters.</summary>
    public const int ShortestSecret = 32;

    /// <summary>An https address to which each notice is POSTed, such as a service that speaks to APNs and FCM; none by default. In Development also http.</summary>
    public string? Webhook { get; init; }

    /// <summary>The key by which the webhook knows that a notice is ours (HMAC-SHA256): at least 32 characters.</summary>
    public string? WebhookSecret { get; init; }

    /// <summary>
    /// The public key of Web Push (VAPID, RFC 8292): an uncompressed point of P-256, 65 bytes in base64url. Without keys there is no Web
    /// Push; in Development, keys are derived from <c>Auth:SigningKey</c>. With other keys than before, browsers have to subscribe anew.
    /// </summary>
    public string? PushPublicKey { get; init; }

    /// <summary>The private key, 32 bytes in base64url.</summary>
    public string? PushPrivateKey { get; init; }

    /// <summary>Whom push services can ask about this sender: a <c>mailto:</c> or https address.</summary>
    public string PushSubject { get; init; } = "https://nearbyfriends.dev";
}

/// <summary>Stops an Api that could not deliver as it is told, with a sentence that names the setting.</summary>
internal sealed class ValidateNoticeOptions(IHostEnvironment environment) : IValidateOptions<NoticeOptions>
{
    public ValidateOptionsResult Validate(string? name, NoticeOptions options)
    {
        List<string> errors = [];
        if (options.Webhook is { Length: > 0 } webhook)
        {
            if (!IsAddress(webhook))
            {
                errors.Add($"Alerts:Webhook is '{webhook}'; it must be an absolute https address.");
            }

            if (options.WebhookSecret is not { Length: >= NoticeOptions.ShortestSecret })
            {
                errors.Add($"Alerts:WebhookSecret must have at least {NoticeOptions.ShortestSecret} characters.");
            }
        }

        if (string.IsNullOrEmpty(options.PushPublicKey) != string.IsNullOrEmpty(options.PushPrivateKey))
        {
            errors.Add("Alerts:PushPublicKey and Alerts:PushPrivateKey belong together; set both or none.");
        }
        else if (!string.IsNullOrEmpty(options.PushPublicKey) && !PushKeys.IsPair(options.PushPublicKey, options.PushPrivateKey!))
        {
            errors.Add("Alerts:PushPublicKey and Alerts:PushPrivateKey are no pair of P-256 keys in base64url.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private bool IsAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address)
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && environment.IsDevelopment()));
}
