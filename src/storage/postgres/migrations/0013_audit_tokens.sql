-- The name of the API token that it was done with: null for a session.
alter table pmd.audit_entries add column api_token text;
