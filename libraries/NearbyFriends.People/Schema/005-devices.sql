-- Passwords of devices that know no tokens: apps of others, which send a user name and a password with each message.
create table devices (
    user_id    bigint      not null,
    id         bigint      not null,
    name       text        not null,
    password   bytea       not null, -- SHA-256 of a random password of 124 bits, which no dictionary has: a slow hash would add nothing
    created_at timestamptz not null,
    primary key (user_id, id)
);

do $$
begin
    if exists (select from pg_extension where extname = 'citus') then
        perform create_distributed_table('devices', 'user_id', colocate_with => 'users');
    end if;
end
$$;
