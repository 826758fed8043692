-- What a script needs beside the sound of a call, so that who picks tasks need not read its steps. Inside a text of the steps quotes are
-- escaped: what is looked for here is only ever a step's action.
ALTER TABLE scripts ADD COLUMN has_bot BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE scripts ADD COLUMN has_transfer BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE scripts SET has_bot = flow LIKE '%"action":"bot"%', has_transfer = flow LIKE '%"action":"transfer"%';
