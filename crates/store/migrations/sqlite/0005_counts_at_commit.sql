-- Nothing: there is one writer at a time here, so nobody waits for a count. PostgreSQL's folder has the change.
SELECT 1;
