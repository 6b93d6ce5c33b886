-- The journal: every change that gateways must learn of, one row each, written in the transaction that makes the change.
-- Gateways read its tail every few seconds, so a change that nobody announced is known everywhere soon.

create table changes (
    user_id    bigint      not null,
    version    bigint      not null,                             -- the user's sharing or friends version after the change
    other_id   bigint      not null,                             -- the other user of a friendship; 0 where there is none
    changed_at timestamptz not null default clock_timestamp(),   -- the row is the last that its transaction writes
    kind       smallint    not null,                             -- ChangeKind
    primary key (user_id, kind, version)
);
create index changes_changed_at on changes (changed_at);

-- Accounts that were deleted and of which something is left to erase.
create table deletions (
    user_id    bigint      primary key,
    deleted_at timestamptz not null default clock_timestamp()
);

-- When the user began to share again; null for a user who has shared since its registration.
alter table users add column sharing_since timestamptz;

do $$
begin
    if exists (select from pg_extension where extname = 'citus') then
        perform create_distributed_table('changes', 'user_id', colocate_with => 'users');
        perform create_distributed_table('deletions', 'user_id', colocate_with => 'users');
    end if;
end
$$;
