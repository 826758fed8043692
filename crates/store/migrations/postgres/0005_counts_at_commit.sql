-- An account's count of groups is one row for all of its groups. Changed with each group, it made everyone else who
-- saves or deletes one wait for the whole rest of a transaction; changed at its end, only for the commit.

DROP TRIGGER dial_time_groups_made ON dial_time_groups;
DROP TRIGGER dial_time_groups_gone ON dial_time_groups;
CREATE CONSTRAINT TRIGGER dial_time_groups_made AFTER INSERT ON dial_time_groups
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_dial_time_groups();
CREATE CONSTRAINT TRIGGER dial_time_groups_gone AFTER DELETE ON dial_time_groups
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_dial_time_groups();
