-- The location history. Types and the order of the columns are chosen by measurement: docs/decisions/0010-history-storage.md.
create table location_history (
    user_id     bigint      not null,
    recorded_at timestamptz not null,
    received_at timestamptz not null,
    latitude    integer     not null,
    longitude   integer     not null,
    accuracy    real,
    primary key (user_id, recorded_at)
) partition by range (recorded_at);

comment on table  location_history is 'Every location that was shared, one row per (user, time); partitioned by UTC day.';
comment on column location_history.recorded_at is 'When the device was there; whole milliseconds.';
comment on column location_history.received_at is 'When a gateway received it; whole milliseconds.';
comment on column location_history.latitude is 'Degrees WGS 84 times 10,000,000.';
comment on column location_history.longitude is 'Degrees WGS 84 times 10,000,000.';
comment on column location_history.accuracy is 'Radius of uncertainty in metres; null when the device reported none.';

-- The same in degrees, for people and their notebooks.
create view locations as
select user_id, recorded_at, latitude / 1e7::double precision as latitude, longitude / 1e7::double precision as longitude,
       accuracy, received_at
from location_history;

-- The partitions there are. A kept one is exempt from retention: it was made by an import.
create table history_partitions (
    day        date        primary key,
    kept       boolean     not null default false,
    created_at timestamptz not null default now()
);

-- Users who erased their history, so that points still on their way are not stored after all.
-- A deleted user's later points are not stored either. done: the rows that had been stored are gone.
create table history_erasures (
    user_id      bigint      primary key,
    erased_at    timestamptz not null,
    user_deleted boolean     not null,
    done         boolean     not null
);
create index on history_erasures (erased_at);

-- On Citus the history spreads by user; the two small tables stay on the coordinator.
do $$
begin
    if exists (select from pg_extension where extname = 'citus') then
        perform create_distributed_table('location_history', 'user_id');
    end if;
end
$$;
