-- A stretch of time of all targets is read slice by slice: without these each slice would read whole partitions.
create index probe_results_by_time on pmd.probe_results using brin (sent_at) with (pages_per_range = 32, autosummarize = on);
create index minute_rollups_by_time on pmd.stored_minute_rollups using brin (start_at) with (pages_per_range = 32, autosummarize = on);
create index hour_rollups_by_time on pmd.stored_hour_rollups using brin (start_at) with (pages_per_range = 32, autosummarize = on);
