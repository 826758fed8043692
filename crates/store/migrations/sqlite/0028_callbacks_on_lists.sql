-- The list whose numbers, all of them, a callback tells of: of a task that was deleted. They stay as long as the callback does.
ALTER TABLE number_callbacks ADD COLUMN list_id INTEGER;
CREATE INDEX number_callbacks_by_list ON number_callbacks (list_id) WHERE list_id IS NOT NULL;
