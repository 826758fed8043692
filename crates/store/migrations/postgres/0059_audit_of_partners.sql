-- The audit log of a partner: what is its own as a whole and so no account's, and who its accounts were. Of what was written before as much as is still there
-- to be asked whose it is.
ALTER TABLE audit ADD COLUMN partner_id UUID;
UPDATE audit SET partner_id = (
    SELECT owned.partner_id
    FROM (SELECT 'partner' AS subject, id, id AS partner_id FROM partners
          UNION ALL SELECT 'line', id, partner_id FROM lines
          UNION ALL SELECT 'line_group', id, partner_id FROM line_groups) AS owned
    WHERE owned.subject = audit.subject AND CAST(owned.id AS TEXT) = audit.subject_id
) WHERE account_id = '00000000-0000-0000-0000-000000000000' AND subject IN ('partner', 'line', 'line_group');
CREATE INDEX audit_by_partner ON audit (partner_id, at, id) WHERE partner_id IS NOT NULL;
