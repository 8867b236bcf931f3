-- Blocks of hours have the days beside them from here on: those that are here are joined, and so written, once more.
update hour_rollup_blocks set is_piece = 1;
