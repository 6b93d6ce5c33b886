-- Who is seen by strangers nearby; and blocks from the side of the blocked, on whose shard a gateway looks them up.

alter table users
    add column strangers         boolean not null default false,
    add column strangers_version bigint  not null default 0; -- rises when it is switched

create table blocked_by (
    user_id    bigint not null,
    blocker_id bigint not null,
    primary key (user_id, blocker_id)
);
create index blocked_by_blocker_id on blocked_by (blocker_id);
insert into blocked_by (user_id, blocker_id) select blocked_id, blocker_id from blocks;

do $$
begin
    if exists (select from pg_extension where extname = 'citus') then
        perform create_distributed_table('blocked_by', 'user_id', colocate_with => 'users');
    end if;
end
$$;
