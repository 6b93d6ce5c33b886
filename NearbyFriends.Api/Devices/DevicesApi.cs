using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using NearbyFriends.Api.Accounts;
using NearbyFriends.Api.Callers;
using NearbyFriends.Api.Problems;
using NearbyFriends.Api.Users;
using NearbyFriends.ServiceDefaults.Problems;

namespace NearbyFriends.Api.Devices;

/// <summary>A device to add.</summary>
/// <param name="Name">1 to 64 characters, as you call it.</param>
public sealed record NewDevice([property: RequiredField][property: DisplayNameForm] string Name);

/// <summary>A device that sends locations with a password of its own.</summary>
/// <param name="Id">Opaque.</param>
/// <param name="Name">As you call it.</param>
/// <param name="CreatedAt">Unix milliseconds UTC.</param>
public sealed record DeviceView(string Id, string Name, long CreatedAt)
{
    public static DeviceView Of(Device device) => new(
        device.Id.ToString(CultureInfo.InvariantCulture), device.Name, device.CreatedAt.ToUnixTimeMilliseconds());
}

/// <summary>A device with its password, which is shown this once.</summary>
/// <param name="Id">Opaque.</param>
/// <param name="Name">As you call it.</param>
/// <param name="CreatedAt">Unix milliseconds UTC.</param>
/// <param name="UserName">What the device sends as its user name.</param>
/// <param name="Password">What it sends as its password.</param>
public sealed record AddedDeviceView(string Id, string Name, long CreatedAt, string UserName, string Password);

/// <summary>All of your devices.</summary>
/// <param name="Items">The oldest first.</param>
public sealed record DeviceList(IReadOnlyList<DeviceView> Items);

/// <summary>The caller's devices that know no tokens, such as a phone with the OwnTracks app.</summary>
public static class DevicesApi
{
    public static RouteGroupBuilder MapDevices(this RouteGroupBuilder v1)
    {
        var devices = v1.MapGroup("/me/devices").RequireCaller().WithTags("Devices");
        devices.MapGet("/", ListAsync).WithName("listDevices").WithSummary("Your devices that have a password of their own");
        devices.MapPost("/", AddAsync)
            .WithName("addDevice")
            .WithSummary("Gives a device a password, shown this once")
            .WithDescription("With it and your user name a device shares your location, and sees your friends, by POST /owntracks on the gateway; nothing else. docs/phones.md has the settings of the apps.")
            .WithProblems(ProblemKind.InvalidRequest, ProblemKind.DeviceLimit);
        devices.MapDelete("/{id}", RemoveAsync)
            .WithName("removeDevice")
            .WithSummary("Takes a device's password away, at once; nothing happens when there is no such device")
            .WithProblems(ProblemKind.InvalidRequest);
        return v1;
    }

    private static async Task<Ok<DeviceList>> ListAsync(Caller caller, DeviceStore devices, CancellationToken cancellationToken) =>
        TypedResults.Ok(new DeviceList([.. (await devices.ListAsync(caller.Id, cancellationToken)).Select(DeviceView.Of)]));

    private static async Task<Results<Created<AddedDeviceView>, Problem>> AddAsync(
        Caller caller, NewDevice request, DeviceStore devices, UserAccounts accounts, CancellationToken cancellationToken)
    {
        if (await accounts.FindAsync(caller.Id, cancellationToken) is not { } user)
        {
            return new Problem(ProblemKind.Unauthenticated); // deleted on another device since the look at the caller
        }

        if (await devices.AddAsync(caller.Id, request.Name.Trim(), cancellationToken) is not var (device, password))
        {
            return new Problem(ProblemKind.DeviceLimit);
        }

        var view = DeviceView.Of(device);
        return TypedResults.Created(
            $"/v1/me/devices/{view.Id}", new AddedDeviceView(view.Id, view.Name, view.CreatedAt, user.UserName, password));
    }

    private static async Task<NoContent> RemoveAsync(Caller caller, long id, DeviceStore devices, CancellationToken cancellationToken)
    {
        await devices.RemoveAsync(caller.Id, id, cancellationToken);
        return TypedResults.NoContent();
    }
}
