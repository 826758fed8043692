-- The lists of an account, also those that are being removed: a number is erased from all of them.
CREATE INDEX number_lists_by_account ON number_lists (account_id, id);
