using System.Text.Json.Nodes;
using NearbyFriends.Api.Alerts;
using NearbyFriends.Api.Blocks;
using NearbyFriends.Api.Devices;
using NearbyFriends.Api.DevTokens;
using NearbyFriends.Api.FriendRequests;
using NearbyFriends.Api.Friends;
using NearbyFriends.Api.History;
using NearbyFriends.Api.Me;
using NearbyFriends.Api.Nearby;
using NearbyFriends.Api.Notices;
using NearbyFriends.Api.Paging;
using NearbyFriends.Api.Tickets;
using NearbyFriends.Api.Users;
using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using NearbyFriends.History;
using NearbyFriends.People;

namespace NearbyFriends.Api.OpenApi;

/// <summary>
/// The examples of all operations: Ada calls. Grace is her friend, Alan asks to be, Mallory is blocked. They are objects of the very types
/// that the endpoints take and answer, so they follow each change of those.
/// </summary>
/// <remarks>No request holds a time: one that must lie ahead would be refused some day.</remarks>
public static class Examples
{
    private const long Ada = 4_611_686_018_427_387_905;
    private const long Grace = 4_611_686_018_427_387_942;
    private const long Alan = 4_611_686_018_427_388_011;
    private const long Mallory = 4_611_686_018_427_388_107;

    private const long Now = 1_764_000_000_000; // 2025-11-24T16:00:00Z
    private const long Minute = 60_000;
    private const long InAnHour = Now + (60 * Minute);
    private const long LastMonth = Now - (30 * 24 * 60 * Minute);

    private const string DeviceId = "7310582214937739264";
    private const string SubscriptionId = "8f14e45fceea167a5a36dedd4bea2543";

    private static readonly UserView Me = new(UserId.Format(Ada), "ada", "Ada", Sharing: true, Discoverable: true, SharingUntil: null, Strangers: false);
    private static readonly FriendRequestId FromAlan = new(Addressee: Ada, Requester: Alan);
    private static readonly FriendRequestId ToAlan = new(Addressee: Alan, Requester: Ada);
    private static readonly DeviceView Phone = new(DeviceId, "Ada's phone", LastMonth);
    private static readonly AlertView AboutGrace = new(UserId.Format(Grace), Within: 500, Cooldown: AlertRule.DefaultCooldownSeconds);
    private static readonly PushSubscriptionView Browser = new(SubscriptionId, LastMonth);
    private static readonly DevTokenView Token = new("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0NjExNjg2MDE4NDI3Mzg3OTA1In0.c2lnbmF0dXJl", 43_200);

    /// <summary>The points of the examples of histories, newest first.</summary>
    public static IReadOnlyList<StoredPoint> Walk { get; } =
    [
        new(Location.FromDegrees(37.5665, 126.978, Now), 12),
        new(Location.FromDegrees(37.5659, 126.9771, Now - Minute), null),
    ];

    /// <summary>By operation id.</summary>
    public static IReadOnlyDictionary<string, OperationExample> ByOperation { get; } = new Dictionary<string, OperationExample>(StringComparer.Ordinal)
    {
        ["registerUser"] = new() { Request = new RegisterUser("ada", "Ada"), Answers = { [201] = Me } },
        ["findUser"] = new()
        {
            Parameters = { ["userName"] = "grace" },
            Answers = { [200] = new PublicUserView(UserId.Format(Grace), "grace", "Grace") },
        },
        ["getMe"] = new() { Answers = { [200] = Me } },
        ["changeMe"] = new()
        {
            Request = new ChangeMe("Ada L.", Sharing: true, Discoverable: false),
            Answers = { [200] = Me with { DisplayName = "Ada L.", Discoverable = false } },
        },
        ["deleteMe"] = new(),
        ["listDevices"] = new() { Answers = { [200] = new DeviceList([Phone]) } },
        ["addDevice"] = new()
        {
            Request = new NewDevice(Phone.Name),
            Answers = { [201] = new AddedDeviceView(Phone.Id, Phone.Name, Phone.CreatedAt, Me.UserName, "k7wq2-mznpr-8rtx4-5hvpa-3cdje") },
        },
        ["removeDevice"] = new() { Parameters = { ["id"] = DeviceId } },

        ["readHistory"] = new()
        {
            Parameters = { ["every"] = "60s" },
            Answers = { [200] = new Page<HistoryPointView>([.. Walk.Select(HistoryPointView.Of)], new Cursor(Walk[^1].Location.Time).ToString()) },
        },
        ["eraseHistory"] = new(),
        ["exportHistoryAsGpx"] = new()
        {
            Answers =
            {
                [200] = """
                    <?xml version="1.0" encoding="utf-8"?><gpx xmlns:nf="https://nearbyfriends.dev/gpx/1" version="1.1" creator="NearbyFriends" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>
                    <trkpt lat="37.5659" lon="126.9771"><time>2025-11-24T15:59:00.000Z</time></trkpt>
                    <trkpt lat="37.5665" lon="126.978"><time>2025-11-24T16:00:00.000Z</time><extensions><nf:accuracy>12</nf:accuracy></extensions></trkpt>
                    </trkseg></trk></gpx>
                    """,
            },
        },
        ["exportHistoryAsGeoJson"] = new()
        {
            Answers =
            {
                [200] = JsonNode.Parse("""
                    {"type":"FeatureCollection","features":[
                    {"type":"Feature","geometry":{"type":"Point","coordinates":[126.9771,37.5659]},"properties":{"time":"2025-11-24T15:59:00.000Z"}},
                    {"type":"Feature","geometry":{"type":"Point","coordinates":[126.978,37.5665]},"properties":{"time":"2025-11-24T16:00:00.000Z","accuracy":12}}]}
                    """)!,
            },
        },

        ["sendFriendRequest"] = new()
        {
            Request = new SendFriendRequest(UserId.Format(Alan)),
            Answers = { [201] = FriendRequestView.Of(ToAlan, "pending"), [200] = FriendRequestView.Of(ToAlan, "pending") },
        },
        ["listFriendRequests"] = new()
        {
            Answers =
            {
                [200] = new Page<PendingFriendRequestView>(
                    [new(FromAlan.ToString(), UserId.Format(Alan), UserId.Format(Ada), "pending", "Alan", Now - Minute)], Cursor: null),
            },
        },
        ["acceptFriendRequest"] = new() { Parameters = { ["id"] = FromAlan.ToString() }, Answers = { [200] = FriendRequestView.Of(FromAlan, "accepted") } },
        ["declineFriendRequest"] = new() { Parameters = { ["id"] = FromAlan.ToString() }, Answers = { [200] = FriendRequestView.Of(FromAlan, "declined") } },
        ["cancelFriendRequest"] = new() { Parameters = { ["id"] = ToAlan.ToString() } },
        ["listFriends"] = new()
        {
            Answers =
            {
                [200] = new Page<FriendView>([new(UserId.Format(Grace), "Grace", LastMonth, Visibility.Approximate, InAnHour)], Cursor: null),
            },
        },
        ["changeVisibility"] = new() { Parameters = { ["userId"] = UserId.Format(Grace) }, Request = new ChangeVisibility(Visibility.Approximate) },
        ["removeFriend"] = new() { Parameters = { ["userId"] = UserId.Format(Grace) } },
        ["listBlocks"] = new() { Answers = { [200] = new Page<BlockedUserView>([new(UserId.Format(Mallory), "Mallory", LastMonth)], Cursor: null) } },
        ["blockUser"] = new() { Parameters = { ["userId"] = UserId.Format(Mallory) } },
        ["unblockUser"] = new() { Parameters = { ["userId"] = UserId.Format(Mallory) } },

        ["listAlerts"] = new() { Answers = { [200] = new AlertList([AboutGrace]) } },
        ["getAlert"] = new() { Parameters = { ["userId"] = UserId.Format(Grace) }, Answers = { [200] = AboutGrace } },
        ["setAlert"] = new()
        {
            Parameters = { ["userId"] = UserId.Format(Grace) },
            Request = new SetAlert(AboutGrace.Within, AboutGrace.Cooldown),
            Answers = { [200] = AboutGrace },
        },
        ["removeAlert"] = new() { Parameters = { ["userId"] = UserId.Format(Grace) } },
        ["getPushKey"] = new() { Answers = { [200] = new PushKeyView("BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8") } },
        ["listPushSubscriptions"] = new() { Answers = { [200] = new PushSubscriptionList([Browser]) } },
        ["addPushSubscription"] = new()
        {
            Request = new NewPushSubscription(
                "https://push.example.com/subscriptions/ada",
                new("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", "BTBZMqHH6r4Tts7J_aSIgg")),
            Answers = { [201] = Browser },
        },
        ["removePushSubscription"] = new() { Parameters = { ["id"] = SubscriptionId } },

        ["listNearby"] = new()
        {
            Parameters = { ["radius"] = "2000" },
            Answers =
            {
                [200] = new NearbyPage([new(UserId.Format(Grace), "Grace", 37.5701, 126.983, Now - Minute, Distance: 595.4, Accuracy: 8)], Total: 1, Cursor: null),
            },
        },
        ["issueTicket"] = new() { Answers = { [200] = new TicketView("u3pJ5m0yKk8x6yqB1l2vVwq7sT4nZcXeRaFhLdGiOkM", 30) } },
        ["issueDevToken"] = new() { Request = new RequestDevToken("ada"), Answers = { [200] = Token } },
        ["issueDevOperatorToken"] = new() { Answers = { [200] = Token } },
        ["lockUser"] = new() { Parameters = { ["userId"] = UserId.Format(Mallory) } },
        ["unlockUser"] = new() { Parameters = { ["userId"] = UserId.Format(Mallory) } },

        ["loadFriends"] = new()
        {
            Parameters = { ["userId"] = UserId.Format(Ada) },
            Answers =
            {
                [200] = new FriendSourceUser(
                    UserId.Format(Ada), "Ada", Sharing: true, Locked: false, SharingVersion: 3, SharingSince: LastMonth, FriendsVersion: 17, [UserId.Format(Grace)],
                    Sees: new Dictionary<string, FriendSourceVisibility>(StringComparer.Ordinal) { [UserId.Format(Grace)] = new("approximate", InAnHour, "exact") },
                    Alerts: new Dictionary<string, FriendSourceAlert>(StringComparer.Ordinal) { [UserId.Format(Grace)] = new(AboutGrace.Within, AboutGrace.Cooldown) }),
            },
        },
        ["findBySubject"] = new() { Request = new FriendSourceSubject("auth0|ada"), Answers = { [200] = new FriendSourceId(UserId.Format(Ada)) } },
        ["findByDevice"] = new()
        {
            Request = new FriendSourceDevice("ada", "k7wq2-mznpr-8rtx4-5hvpa-3cdje"),
            Answers = { [200] = new FriendSourceId(UserId.Format(Ada)) },
        },
        ["displayNames"] = new()
        {
            Request = FriendSourceIds.Of([Ada, Grace]),
            Answers = { [200] = new FriendSourceName[] { new(UserId.Format(Ada), "Ada"), new(UserId.Format(Grace), "Grace") } },
        },
        ["findSharing"] = new()
        {
            Parameters = { ["userId"] = UserId.Format(Ada) },
            Answers = { [200] = new FriendSourceSharing(Sharing: true, SharingVersion: 3, SharingSince: LastMonth) },
        },
        ["loadBlocks"] = new()
        {
            Parameters = { ["userId"] = UserId.Format(Ada) },
            Answers = { [200] = new FriendSourceId[] { new(UserId.Format(Mallory)) } },
        },
        ["readChanges"] = new()
        {
            Answers =
            {
                [200] = new FriendSourceChanges(
                    [new(UserId.Format(Ada), "sharingEnded", Version: 4, OtherId: null, DateTimeOffset.FromUnixTimeMilliseconds(Now))], Cursor: "1764000000000000"),
            },
        },
    };
}
