-- Why the program ended a call itself; NULL: it did not. And the keys that its callee pressed where a script asked for some, in JSON; NULL: none.
ALTER TABLE attempts ADD COLUMN end_reason TEXT;
ALTER TABLE attempts ADD COLUMN pressed TEXT;

-- Why a node can place no call over SIP lines, by a fault of its own; NULL: it can.
ALTER TABLE nodes ADD COLUMN sip_failure TEXT;
