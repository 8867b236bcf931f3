-- How a target's probes look; null is what a plain probe has.
alter table targets add column payload_bytes integer check (payload_bytes between 0 and 1472);
alter table targets add column dscp integer check (dscp between 0 and 63);
alter table targets add column probe_ttl integer check (probe_ttl between 1 and 255);
