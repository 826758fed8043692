-- When a ceiling above an account last changed, as far as its log has said: what opens by that is told to open by the ceiling.
ALTER TABLE accounts ADD COLUMN ceiling_published_at BIGINT;
