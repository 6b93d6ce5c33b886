-- A gateway reads a user's friends with every connect, from the primary key alone: rows lie where their friendships came about, each on a
-- page of its own. What friends show is in an index that holds only who shows less than everything.
create index friendships_sees on friendships (user_id, friend_id) include (sees) where sees <> 0;

-- An index says who is there for pages that were vacuumed since they changed. By default that waits for a fifth of the table.
alter table friendships set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02);
