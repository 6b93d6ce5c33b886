-- Sharing that ends by itself, and what each friend sees.

-- When sharing ends by itself; null for no end. Whether a user shares now is "sharing and (sharing_until is null or it lies ahead)":
-- the row that says so is written within a minute, by the Api that holds the lease of the upkeep.
alter table users add column sharing_until timestamptz;
create index users_sharing_until on users (sharing_until) where sharing_until is not null;

-- How much of its location the user shows the friend, and sees of the friend's: each is the other row's other column, so that a
-- user's shard knows both. One number: bits 0-1 now (0 exact, 1 approximate, 2 nothing), bits 2-3 afterwards, above them the end in
-- Unix milliseconds (0 for no end). 0 is exact, without an end.
alter table friendships add column shows bigint not null default 0, add column sees bigint not null default 0;

-- Of a change of sharing its end in Unix milliseconds (0 for no end), of a change of visibility the number above.
alter table changes add column detail bigint not null default 0;
