-- Who is told that a friend comes near, and where browsers receive it.

create table alerts (
    user_id    bigint  not null,
    friend_id  bigint  not null, -- 0: any friend who has no row of its own
    within_m   integer not null,
    cooldown_s integer not null,
    primary key (user_id, friend_id)
);

-- RFC 8030: whoever has the endpoint can send to it, so it is shown to nobody.
create table push_subscriptions (
    user_id    bigint      not null,
    id         text        not null, -- a hash of the endpoint: to subscribe again changes nothing
    endpoint   text        not null,
    p256dh     text        not null, -- the browser's public key, base64url
    auth       text        not null,
    created_at timestamptz not null,
    primary key (user_id, id)
);

do $$
begin
    if exists (select from pg_extension where extname = 'citus') then
        perform create_distributed_table('alerts', 'user_id', colocate_with => 'users');
        perform create_distributed_table('push_subscriptions', 'user_id', colocate_with => 'users');
    end if;
end
$$;
