-- Bytes per row of the ways to keep the location history, for 0010-history-storage.md. Run it in an empty database:
--   createdb scratch && psql -X -f docs/decisions/0010-history-storage.sql scratch && dropdb scratch
-- One day of 20,000 users, a point every 864 s, so 2 million rows; stored as a worker does, in batches of 20,000 rows
-- sorted by user.
\set QUIET on
\pset footer off
set synchronous_commit = off;

create function pg_temp.fill(target text, columns text) returns void language plpgsql as $$
begin
    for batch in 0..99 loop
        execute format(
            $sql$
            insert into %I
            select %s from (
                select ((u * 2654435761) %% 9223372036854775807)::bigint as id,
                       timestamptz '2026-01-01 00:00Z' + make_interval(secs => %s * 864 + (u %% 863)) as at,
                       37.5 + (u %% 1000) / 1e4 as lat, 127 + (u %% 999) / 1e4 as lon
                from generate_series(1, 20000) u) p
            order by id, at
            $sql$,
            target, columns, batch);
    end loop;
end
$$;

create table chosen (user_id bigint not null, recorded_at timestamptz not null, received_at timestamptz not null,
    latitude integer not null, longitude integer not null, accuracy real, primary key (user_id, recorded_at));
select pg_temp.fill('chosen', 'id, at, at + interval ''0.15 s'', lat * 1e7, lon * 1e7, 12.5');

create table no_accuracy (like chosen including all);
select pg_temp.fill('no_accuracy', 'id, at, at + interval ''0.15 s'', lat * 1e7, lon * 1e7, null');

create table degrees (user_id bigint not null, recorded_at timestamptz not null, received_at timestamptz not null,
    latitude double precision not null, longitude double precision not null, accuracy real, primary key (user_id, recorded_at));
select pg_temp.fill('degrees', 'id, at, at + interval ''0.15 s'', lat, lon, 12.5');

create table as_listed (user_id bigint not null, recorded_at timestamptz not null, latitude integer not null,
    longitude integer not null, accuracy real, received_at timestamptz not null, primary key (user_id, recorded_at));
select pg_temp.fill('as_listed', 'id, at, lat * 1e7, lon * 1e7, 12.5, at + interval ''0.15 s''');

create table small_accuracy (user_id bigint not null, recorded_at timestamptz not null, received_at timestamptz not null,
    latitude integer not null, longitude integer not null, accuracy smallint, primary key (user_id, recorded_at));
select pg_temp.fill('small_accuracy', 'id, at, at + interval ''0.15 s'', lat * 1e7, lon * 1e7, 125');

create table delay_instead (user_id bigint not null, recorded_at timestamptz not null, received_after integer not null,
    latitude integer not null, longitude integer not null, accuracy real, primary key (user_id, recorded_at));
select pg_temp.fill('delay_instead', 'id, at, 150, lat * 1e7, lon * 1e7, 12.5');

create table postgis_like (user_id bigint not null, recorded_at timestamptz not null, received_at timestamptz not null,
    place point not null, accuracy real, primary key (user_id, recorded_at));
select pg_temp.fill('postgis_like', 'id, at, at + interval ''0.15 s'', point(lon, lat), 12.5');

create table surrogate_key (id bigint generated always as identity primary key, user_id bigint not null, recorded_at timestamptz not null,
    received_at timestamptz not null, latitude integer not null, longitude integer not null, accuracy real, unique (user_id, recorded_at));
do $$
begin
    for batch in 0..99 loop
        insert into surrogate_key (user_id, recorded_at, received_at, latitude, longitude, accuracy)
        select user_id, recorded_at, received_at, latitude, longitude, accuracy from chosen
        where recorded_at >= timestamptz '2026-01-01 00:00Z' + make_interval(secs => batch * 864)
          and recorded_at < timestamptz '2026-01-01 00:00Z' + make_interval(secs => (batch + 1) * 864)
        order by user_id, recorded_at;
    end loop;
end
$$;

create table time_first (user_id bigint not null, recorded_at timestamptz not null, received_at timestamptz not null,
    latitude integer not null, longitude integer not null, accuracy real, primary key (recorded_at, user_id));
select pg_temp.fill('time_first', 'id, at, at + interval ''0.15 s'', lat * 1e7, lon * 1e7, 12.5');

analyze;
select relname as way, reltuples::bigint as rows,
       round(pg_relation_size(oid) / 2e6, 1) as heap_bytes,
       round(pg_indexes_size(oid) / 2e6, 1) as index_bytes,
       round(pg_total_relation_size(oid) / 2e6, 1) as bytes_per_row
from pg_class
where relnamespace = 'public'::regnamespace and relkind = 'r'
order by array_position(array['chosen', 'no_accuracy', 'small_accuracy', 'delay_instead', 'as_listed', 'degrees', 'postgis_like', 'time_first', 'surrogate_key']::name[], relname);
