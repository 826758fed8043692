-- Until when a bot that takes no calls gets none; NULL: that is not known.
ALTER TABLE bot_states ADD COLUMN until BIGINT;
