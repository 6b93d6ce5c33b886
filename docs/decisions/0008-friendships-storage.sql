-- Bytes per friendship and per user, and what reading a user's friends costs: psql -X -f docs/decisions/0008-friendships-storage.sql
-- in an empty database. 10,000 users with some 400 friends each; rows arrive in random order, as friendships come about.
\set ON_ERROR_STOP on

create table users (
    id bigint primary key, user_name text not null, display_name text not null, sharing boolean not null,
    discoverable boolean not null default true, locked boolean not null default false, sharing_version bigint not null default 1,
    friends_version bigint not null default 1, friend_count integer not null default 0, created_at timestamptz not null);
create table friendships (
    user_id bigint not null, friend_id bigint not null check (friend_id <> user_id), since timestamptz not null,
    shows bigint not null default 0, sees bigint not null default 0, primary key (user_id, friend_id));
create index friendships_sees on friendships (user_id, friend_id) include (sees) where sees <> 0;

create temporary table ids as select n, (random() * 4e18)::bigint as id from generate_series(1, 10000) n;
create unique index on ids (n);
insert into users select id, 'user' || n, 'Person Number ' || n, true, true, false, 1, 1, 400, now() from ids;
insert into friendships
    select a.id, b.id, now()
    from (select u, f from generate_series(1, 10000) u,
          lateral (select distinct 1 + (random() * 9999)::int as f from generate_series(1, 205) where u > 0) x
          where f <> u order by random()) pairs
    join ids a on a.n = u join ids b on b.n = f;
insert into friendships select friend_id, user_id, since from friendships order by random() on conflict do nothing;
vacuum analyze;

select 'friendships' as "table", count(*) as rows,
       round(pg_relation_size('friendships')::numeric / count(*), 1) as heap_bytes_per_row,
       round(pg_indexes_size('friendships')::numeric / count(*), 1) as index_bytes_per_row from friendships
union all
select 'users', count(*), round(pg_relation_size('users')::numeric / count(*), 1), round(pg_indexes_size('users')::numeric / count(*), 1) from users;

select id from ids where n = 5077 \gset
-- As gateways read them (FriendDatabase), and as they would if the rows were asked for what friends show.
explain (analyze, buffers, costs off, timing off)
select (select string_agg(int8send(friend_id), '') from friendships where user_id = :id),
       (select string_agg(int8send(friend_id) || int8send(sees), '') from friendships where user_id = :id and sees <> 0);
explain (analyze, buffers, costs off, timing off)
select string_agg(int8send(friend_id), ''), string_agg(int8send(friend_id) || int8send(sees), '') filter (where sees <> 0)
from friendships where user_id = :id;
