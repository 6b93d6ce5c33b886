using System.ComponentModel.DataAnnotations;

namespace NearbyFriends.Api.Users;

/// <summary>A field that must be there and not empty.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class RequiredFieldAttribute : RequiredAttribute
{
    public override string FormatErrorMessage(string name) => "A value is required.";
}

/// <summary>The form of ids: 1 to 19 decimal digits.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class IdFormAttribute : ValidationAttribute
{
    public override bool IsValid(object? value) => value is not string id || (id.Length <= 19 && id.All(char.IsAsciiDigit));

    public override string FormatErrorMessage(string name) => "An id is a string of 1 to 19 decimal digits.";
}

/// <summary>The form of user names: 3 to 32 letters, digits, dots, underscores and hyphens of ASCII.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class UserNameFormAttribute : ValidationAttribute
{
    public static bool Matches(string name) =>
        name.Length is >= 3 and <= 32 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');

    public override bool IsValid(object? value) => value is not string name || Matches(name);

    public override string FormatErrorMessage(string name) => "A user name has 3 to 32 of the characters A-Z a-z 0-9 _ . -";
}

/// <summary>The form of display names, see <see cref="DisplayName"/>.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class DisplayNameFormAttribute : ValidationAttribute
{
    public override bool IsValid(object? value) => value is not string name || DisplayName.IsValid(name.Trim());

    public override string FormatErrorMessage(string name) =>
        $"A display name has 1 to {DisplayName.MaxLength} characters, one of them visible, and none that is invisible or a control character.";
}
