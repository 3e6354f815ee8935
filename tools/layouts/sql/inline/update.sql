\set r random(1, {resources})
\set size random({smallest}, {largest})
\startpipeline
BEGIN;
SELECT rid, version, last_updated, digest, deleted, index_rows FROM resource
WHERE tenant = 1 AND type = {type} AND id = {id} FOR UPDATE;
\endpipeline
\startpipeline
WITH past AS (
  INSERT INTO history
  SELECT tenant, rid, type, id, version, last_updated, txid, clock_timestamp(), pg_current_xact_id(), deleted,
         patients, tags, security, profiles, meta, digest, codec, data_key, body
  FROM resource WHERE tenant = 1 AND rid = :r)
UPDATE resource SET version = version + 1, last_updated = clock_timestamp(), txid = pg_current_xact_id(),
       digest = decode(md5(:size::text), 'hex'), body = {body}
WHERE tenant = 1 AND rid = :r;
COMMIT;
\endpipeline
