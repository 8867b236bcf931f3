-- Raw results come as a piece for each hour; the pieces of six hours are joined into one block once these are over: a
-- block of an hour leaves a good part of its last page empty.
create table joined_raw_blocks (
  id integer primary key,
  target_id integer not null,
  vantage integer not null,
  hour_at_millis integer not null,
  joined_hours integer not null, -- 0: a piece, the hour itself; else the first of six hours, a bit for each that is here
  result_count integer not null,
  payload blob not null -- last: what stands behind it can only be read through it
) strict;

insert into joined_raw_blocks select id, target_id, vantage, hour_at_millis, 0, result_count, payload from raw_blocks;
drop table raw_blocks;
alter table joined_raw_blocks rename to raw_blocks;

create unique index raw_blocks_of_series on raw_blocks (target_id, vantage, hour_at_millis);
create index raw_blocks_by_age on raw_blocks (hour_at_millis);
create index raw_pieces on raw_blocks (hour_at_millis) where joined_hours = 0;
