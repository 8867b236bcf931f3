-- How a target's probes look; null is what a plain probe has.
alter table pmd.targets add column payload_bytes smallint check (payload_bytes between 0 and 1472);
alter table pmd.targets add column dscp smallint check (dscp between 0 and 63);
alter table pmd.targets add column probe_ttl smallint check (probe_ttl between 1 and 255);
