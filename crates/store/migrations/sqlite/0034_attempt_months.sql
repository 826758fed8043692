-- PostgreSQL stores attempts by months from here on; SQLite has them in one table, as before.
SELECT 1;
