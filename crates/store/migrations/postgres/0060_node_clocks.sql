-- How far a node's clock is ahead of the database's, in microseconds, while that is too far for it to dial.
ALTER TABLE nodes ADD COLUMN clock_ahead BIGINT;
