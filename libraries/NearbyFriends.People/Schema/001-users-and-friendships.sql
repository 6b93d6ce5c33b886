-- Users, their names and subjects, friendships, friend requests and blocks.
--
-- Every key contains the column by which its table is distributed, so that the same schema runs on one server and on
-- a Citus cluster (see the end). There are no foreign keys: the other side of a friendship lives on another shard.

create table users (
    id              bigint      primary key,            -- random, so that ids cannot be enumerated
    user_name       text        not null,               -- as the user wrote it; unique by user_names
    display_name    text        not null,
    sharing         boolean     not null,
    discoverable    boolean     not null default true,  -- found by exact user name
    locked          boolean     not null default false, -- by an operator: no request is served, no session opens
    sharing_version bigint      not null default 1,     -- rises when sharing is switched
    friends_version bigint      not null default 1,     -- rises with every change that gateways must learn of
    friend_count    integer     not null default 0,     -- rows of friendships, kept under this row's lock
    created_at      timestamptz not null
);

create table user_names (
    name    text   primary key, -- lower case: names differ by more than case
    user_id bigint not null
);

create table subjects (
    subject text   primary key, -- of the tokens of an outside issuer
    user_id bigint not null
);
create index subjects_user_id on subjects (user_id);

-- A friendship is two rows, written in one transaction that holds the locks of both users' rows.
create table friendships (
    user_id   bigint      not null,
    friend_id bigint      not null check (friend_id <> user_id),
    since     timestamptz not null,
    primary key (user_id, friend_id)
);

-- A request stays while it is pending and, once declined, for as long as it must not be repeated.
create table friend_requests (
    addressee_id bigint      not null,
    requester_id bigint      not null check (requester_id <> addressee_id),
    requested_at timestamptz not null,
    declined_at  timestamptz,
    primary key (addressee_id, requester_id)
);
create index friend_requests_requester_id on friend_requests (requester_id);

create table blocks (
    blocker_id bigint      not null,
    blocked_id bigint      not null check (blocked_id <> blocker_id),
    since      timestamptz not null,
    primary key (blocker_id, blocked_id)
);
create index blocks_blocked_id on blocks (blocked_id);

do $$
begin
    if exists (select from pg_extension where extname = 'citus') then
        perform create_distributed_table('users', 'id');
        perform create_distributed_table('friendships', 'user_id', colocate_with => 'users');
        perform create_distributed_table('friend_requests', 'addressee_id', colocate_with => 'users');
        perform create_distributed_table('blocks', 'blocker_id', colocate_with => 'users');
        perform create_distributed_table('user_names', 'name');
        perform create_distributed_table('subjects', 'subject');
    end if;
end
$$;
