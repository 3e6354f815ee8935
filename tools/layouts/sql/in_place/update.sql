\set r random(1, {resources})
\set size random({smallest}, {largest})
\startpipeline
BEGIN;
SELECT rid, version, last_updated, digest, deleted, index_rows FROM resource
WHERE tenant = 1 AND type = {type} AND id = {id} FOR UPDATE;
\endpipeline
\startpipeline
WITH head AS (
  UPDATE resource SET version = version + 1, last_updated = clock_timestamp(),
         digest = decode(md5(:size::text), 'hex')
  WHERE tenant = 1 AND rid = :r RETURNING rid, type, id, version, last_updated)
, past AS (
  UPDATE version AS p SET superseded_at = head.last_updated, superseded_txid = pg_current_xact_id()
  FROM head WHERE p.tenant = 1 AND p.rid = head.rid AND p.version = head.version - 1)
INSERT INTO version (tenant, rid, version, type, id, last_updated, txid, deleted, patients, digest, codec, body)
SELECT 1, rid, version, type, id, last_updated, pg_current_xact_id(), false, ARRAY[:r::int8], decode(md5(:size::text), 'hex'), 1, {body}
FROM head RETURNING rid;
COMMIT;
\endpipeline
