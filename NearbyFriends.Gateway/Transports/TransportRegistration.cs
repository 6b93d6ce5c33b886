namespace NearbyFriends.Gateway.Transports;

/// <summary>Registers the ways to clients, and finds their places among the addresses.</summary>
public static class TransportRegistration
{
    /// <summary>Needs sessions, the ingress and draining.</summary>
    public static IServiceCollection AddTransports(this IServiceCollection services) =>
        services.AddSingleton<ConnectQueue>().AddSingleton<WebSocketEndpoint>().AddSingleton<PostedLocationLimit>();

    /// <summary>WebSockets, kept alive by <see cref="KeepAliveStream"/>.</summary>
    public static void UseKeptAliveWebSockets(this IApplicationBuilder app)
    {
        var clock = app.ApplicationServices.GetRequiredService<TimeProvider>();
        app.Use(next => http =>
        {
            KeepAliveStream.PutUnder(http, clock);
            return next(http);
        });
        app.UseWebSockets();
    }

    /// <summary>Nothing that comes after routing is in a socket's way.</summary>
    public static void MapWebSocket(this IEndpointRouteBuilder routes)
    {
        RequestDelegate handle = routes.ServiceProvider.GetRequiredService<WebSocketEndpoint>().HandleAsync;
        routes.MapMethods("/v1/ws", [HttpMethods.Get, HttpMethods.Connect], handle).ShortCircuit();
    }
}
