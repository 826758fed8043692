-- The audit log of an account is read newest first.
CREATE INDEX audit_by_account ON audit (account_id, at, id);
