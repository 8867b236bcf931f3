alter table pmd.rollup_watermarks drop constraint rollup_watermarks_resolution_check;
alter table pmd.rollup_watermarks add check (resolution in ('1m', '1h', '1d'));
insert into pmd.rollup_watermarks values ('1d', 'epoch');

-- Targets whose added hours were there before days were: upkeep makes their days, and until then they have none.
create table pmd.targets_without_days (target_id integer primary key);
insert into pmd.targets_without_days select distinct target_id from pmd.added_hour_rollups;
